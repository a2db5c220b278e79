import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type DocumentNode, Kind, parse, separateOperations, Source } from 'graphql'

export const clients = ['event-web-app', 'organizer-tools'] as const

export type Client = (typeof clients)[number]

/** A file of a client. Those that hold only fragments end in .fragment.graphql. */
export interface ClientFile {
  readonly client: Client
  /** 'event-web-app/coming-events.graphql' */
  readonly place: string
  readonly document: DocumentNode
  /** The names of its operations; one, unless it holds fragments only. */
  readonly operations: readonly string[]
}

/** Everything that a client sends, by name. */
export function filesOf(client: Client): ClientFile[] {
  const folder = path.join(import.meta.dirname, client)
  return readdirSync(folder)
    .toSorted()
    .map((name) => {
      const place = `${client}/${name}`
      const document = parse(new Source(readFileSync(path.join(folder, name), 'utf8'), place))
      const operations = document.definitions.flatMap((definition) =>
        definition.kind === Kind.OPERATION_DEFINITION ? [definition.name?.value ?? '(unnamed)'] : [],
      )
      return { client, place, document, operations }
    })
}

/** One document of all that a client sends, fragments where others find them. */
export function documentOf(client: Client): DocumentNode {
  return { kind: Kind.DOCUMENT, definitions: filesOf(client).flatMap(({ document }) => document.definitions) }
}

/** All operations of all clients, each with the fragments that it spreads: 'event-web-app SessionDetail'. */
export function allOperations(): Readonly<Record<string, DocumentNode>> {
  return Object.fromEntries(
    clients.flatMap((client) =>
      Object.entries(separateOperations(documentOf(client))).map(([name, document]) => [
        `${client} ${name}`,
        document,
      ]),
    ),
  )
}
