import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import Ajv from 'ajv'
import addFormats from 'ajv-formats'
import { realData, realDataIsThere } from '../files.ts'

/**
 * What a schedule breaks of the c3voc's own XSD (by xmllint) or JSON Schema (by ajv), which aren't part of the project;
 * nothing is asked where they are absent.
 */
export function scheduleFaults(format: 'schedule.xml' | 'schedule.json', text: string): unknown[] {
  if (!realDataIsThere) return []
  return format === 'schedule.xml' ? xsdFaults(text) : jsonFaults(text)
}

const schemas = path.join(realData, 'voc-schedule')

function xsdFaults(text: string): unknown[] {
  const xsd = path.join(schemas, 'schedule.xml.xsd')
  try {
    execFileSync('xmllint', ['--noout', '--huge', '--schema', xsd, '-'], {
      input: text,
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    return []
  } catch (error) {
    return String((error as { stderr?: Buffer }).stderr ?? error).split('\n')
  }
}

function jsonFaults(text: string): unknown[] {
  const ajv = new Ajv.default({ strict: false, allErrors: true })
  addFormats.default(ajv)
  const schema = JSON.parse(readFileSync(path.join(schemas, 'schedule.schema.json'), 'utf8')) as {
    $schema?: string
  }
  delete schema.$schema
  const validate = ajv.compile(schema)
  validate(JSON.parse(text))
  return (validate.errors ?? []).slice(0, 20)
}
