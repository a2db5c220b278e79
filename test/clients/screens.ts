import type { ResultOf, TypedDocumentNode, VariablesOf } from '@graphql-typed-document-node/core'
import { print } from 'graphql'
import * as documents from '../../src/generated/client-operations.ts'
import type { Mutation } from '../../src/generated/graphql.ts'
import type { World } from '../world.ts'
import { createInventia, type Inventia } from './inventia.ts'
import { type Client, filesOf } from './operations.ts'

/** How many SQL statements each operation takes, by its name; finding out whose token it is takes one of them. */
type Statements = Readonly<Record<string, number>>

/** What a screen sends by an operation, and what it shows of the answer. */
interface Screen<Data, Variables> {
  /** The variables; first, what has to have happened before. */
  readonly given: (inventia: Inventia) => Variables | Promise<Variables>
  readonly shows: (data: WithoutErrors<Data>) => unknown
  readonly expected: unknown
}

/** A mutation's field is null only beside an error that says why, and an answer with errors isn't shown. */
type WithoutErrors<Data> = {
  [Field in keyof Data]: Field extends keyof Mutation ? NonNullable<Data[Field]> : Data[Field]
}

type Operation<Name> = Name extends keyof Documents ? Documents[Name] : never
type Documents = {
  [
    Export in keyof typeof documents as Export extends `${infer Name}Document` ? Name : never
  ]: (typeof documents)[Export]
}

/** A screen for each operation of the table, of that operation's types. */
export type ScreensFor<Table extends Statements> = {
  readonly [Name in keyof Table]: Screen<ResultOf<Operation<Name>>, VariablesOf<Operation<Name>>>
}

/**
 * Sends every operation of a client in turn.
 *
 * @param by whom they are sent
 * @returns by the operation's name: what its screen shows, and how many statements it took
 * @throws Error for an operation that no screen sends
 */
export async function answersTo<Table extends Statements>(
  client: Client,
  screens: ScreensFor<Table>,
  by: keyof Pick<World, 'ask' | 'organize'>,
): Promise<{ shown: Record<string, unknown>; taken: Record<string, number> }> {
  const inventia = await createInventia()
  const [shown, taken]: [Record<string, unknown>, Record<string, number>] = [{}, {}]
  for (const name of filesOf(client).flatMap(({ operations }) => operations)) {
    const screen = screens[name]
    if (screen === undefined)
      throw new Error(`No screen of the ${client} sends ${name}: add it to the table.`)
    const variables = (await screen.given(inventia)) as object
    const { data, errors, statements } = await inventia.world[by](print(documentOf(name)), variables)
    // What the server answered fits the operation's type, or a test of the answer fails.
    shown[name] = errors ?? screen.shows(data as never)
    taken[name] = statements
  }
  return { shown, taken }
}

/** What the screens are to show, in the same form. */
export function expectedOf<Table extends Statements>(screens: ScreensFor<Table>): Record<string, unknown> {
  const all = Object.entries<Screen<never, unknown>>(screens)
  return Object.fromEntries(all.map(([name, { expected }]) => [name, expected]))
}

function documentOf(name: string): TypedDocumentNode {
  // The types made sure that there is one.
  return (documents as Record<string, unknown>)[`${name}Document`] as TypedDocumentNode
}
