import { buildSchema, type GraphQLSchema } from 'graphql'
import { git, lastSharedCommit } from '../../src/schema-evolution/files/git.ts'

/** A schema that clients may know. */
interface Committed {
  /** How git calls the commit, for people. */
  readonly name: string
  readonly schema: GraphQLSchema
}

/** Why there is nothing to compare with; a clause. */
interface NotCommitted {
  readonly why: string
}

/** The schema.graphql of the newest commit that others have. @param folder the project's */
export function lastCommittedSchema(folder: string): Committed | NotCommitted {
  const last = lastSharedCommit(folder)
  if (last === null) return { why: 'this is no git clone with a commit' }
  const name = `${last.ref} (${last.commit.slice(0, 7)})`
  const sdl = git(folder, ['show', `${last.commit}:./src/graphql/schema.graphql`])?.toString()
  return sdl === undefined ? { why: `${name} has no schema.graphql` } : { name, schema: buildSchema(sdl) }
}
