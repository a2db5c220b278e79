import { SchemaEngineError } from '../database/fault.ts'
import { type Replay, replay } from '../engine/replay.ts'

/** Why they couldn't be replayed: there was no database for it, or one of them fails. */
export interface NotReplayed {
  readonly reason: 'no shadow database' | 'fails'
  readonly message: string
}

export type Replayer = (names: ReadonlySet<string>) => Promise<Replay | NotReplayed>

/**
 * Replays migrations in a shadow database. The database itself isn't touched.
 *
 * @param options.schema the text of schema.prisma; null: it isn't compared
 * @returns a function that replays those of the given names, each set once
 */
export function replayer(
  scripts: ReadonlyMap<string, string | null>,
  options: {
    readonly url: string
    readonly shadowDatabaseUrl: string | undefined
    readonly schema: string | null
  },
): Replayer {
  const { schema: datamodel, ...server } = options
  const done = new Map<string, ReturnType<Replayer>>()
  return (names) => {
    const chosen = new Map([...scripts].filter(([name]) => names.has(name)))
    const key = [...chosen.keys()].join()
    const replayed = done.get(key) ?? replay({ ...server, datamodel }, chosen).catch(whyNot)
    done.set(key, replayed)
    return replayed
  }
}

function whyNot(error: unknown): NotReplayed {
  if (!(error instanceof SchemaEngineError)) throw error
  return { reason: error.code === 'P3014' ? 'no shadow database' : 'fails', message: error.message.trim() }
}
