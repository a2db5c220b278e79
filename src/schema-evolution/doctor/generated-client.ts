import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { type Examination, skipped } from './examination.ts'

/**
 * Whether the generated client is of the schema.prisma that is there: it carries the text that it was made of, which
 * says more than the files' dates, since git sets those.
 */
export async function examineClient(projectFolder: string): Promise<Examination> {
  const client = await read(path.join(projectFolder, 'src/generated/prisma/internal/class.ts'))
  const made = /"inlineSchema":\s*("(?:[^"\\]|\\.)*")/.exec(client ?? '')?.[1]
  const schema = await read(path.join(projectFolder, 'prisma/schema.prisma'))
  if (made === undefined || schema === null) return skipped('client', 'there is no generated Prisma client')
  const isSame = withoutLayout(JSON.parse(made) as string) === withoutLayout(schema)
  return {
    area: 'client',
    isDone: true,
    looked: 'the generated Prisma client against prisma/schema.prisma',
    findings: isSame
      ? []
      : [
          {
            severity: 'error',
            code: 'client-outdated',
            message:
              'The generated Prisma client is of another prisma/schema.prisma than the one that is there.',
            cause:
              'The schema was edited, or came with another commit, and the client was not generated since: it ' +
              'selects columns by the old names.',
            migrations: [],
            remedy: 'npm run generate',
          },
        ],
  }
}

/** The client carries the text as `prisma format` lays it out. */
function withoutLayout(schema: string): string {
  return schema.replace(/\s+/g, ' ').trim()
}

function read(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null)
}
