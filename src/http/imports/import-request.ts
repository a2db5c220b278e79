import type { FastifyRequest } from 'fastify'
import { badUserInput, type InputIssue } from '../../errors.ts'
import { isSlug } from '../../features/event/event.rules.ts'
import type { ImportOptions } from '../../features/programme/import-programme.ts'
import { mainSource } from '../../features/programme/imported-rows.ts'
import type { Preference } from '../../features/programme/merge.ts'
import { isTimeZone } from '../../time/time-zone.ts'

const switches = ['dry-run', 'skip-invalid', 'allow-removals'] as const
const known = ['source', 'prefer', 'time-zone', ...switches]

/**
 * What an address asks of an import: the options of the command, by the same names.
 *
 * @throws BAD_USER_INPUT with all faults at once
 */
export function importOptionsOf(query: FastifyRequest['query']): Omit<ImportOptions, 'slug' | 'onProgress'> {
  // Fastify gives a text, or a list of them, for each name.
  const given = new Map(Object.entries(query as Record<string, string | string[]>))
  const issues: InputIssue[] = []
  const fault = (name: string, message: string) => void issues.push({ path: [name], message })
  for (const [name, value] of given) {
    if (!known.includes(name)) fault(name, `isn't a parameter of this address; it takes ${known.join(', ')}.`)
    else if (Array.isArray(value)) fault(name, 'may be given once.')
  }
  const one = (name: string): string | null => [given.get(name) ?? []].flat()[0] ?? null
  const isOn = (name: (typeof switches)[number]) => {
    const value = one(name) ?? 'false'
    if (!['true', 'false', ''].includes(value)) fault(name, 'must be true or false.')
    // "?dry-run" alone is what "--dry-run" is.
    return value !== 'false'
  }
  const source = one('source') ?? mainSource
  if (!isSlug(source)) fault('source', 'must be lower-case letters, digits and single hyphens.')
  const preferred = one('prefer') ?? 'ours'
  const prefer: Preference = preferred === 'theirs' ? 'theirs' : 'ours'
  if (prefer !== preferred) fault('prefer', 'must be ours or theirs.')
  const timeZone = one('time-zone')
  if (timeZone !== null && !isTimeZone(timeZone)) {
    fault('time-zone', `${JSON.stringify(timeZone)} isn't an IANA time zone such as America/New_York.`)
  }
  const options = {
    ...{ source, timeZone, isDryRun: isOn('dry-run'), skipInvalid: isOn('skip-invalid') },
    ...{ prefer, allowRemovals: isOn('allow-removals') },
  }
  if (issues.length > 0) throw badUserInput(issues)
  return options
}

/** What the command calls `--dry-run` is `dry-run=true` here. */
export function asParameters(message: string): string {
  return message
    .replace(/--(dry-run|skip-invalid|allow-removals)/g, '?$1=true')
    .replace(/--(time-zone|source|prefer) /g, '?$1=')
}
