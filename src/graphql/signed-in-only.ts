import type { GraphQLFieldResolver } from 'graphql'
import type { Context } from '../context.ts'
import { unauthenticated } from '../errors.ts'

type Mutations = Record<string, GraphQLFieldResolver<object, Context>>

/**
 * Refuses the anonymous before an argument is looked at; in one place, so that a new mutation can't forget it. What
 * else it takes, the verbs ask `access/permissions.ts`.
 */
export function signedInOnly(mutations: object): Mutations {
  // Each resolver has arguments of its own; graphql-js hands them over untyped, as it does without the guard.
  return Object.fromEntries(
    Object.entries(mutations as Mutations).map(([name, mutate]): [string, Mutations[string]] => [
      name,
      (root, args, context, info) => {
        if (context.viewer.kind === 'anonymous') {
          throw unauthenticated(
            'Changes need you to sign in, or a token: send "Authorization: Bearer TOKEN".',
          )
        }
        return mutate(root, args, context, info)
      },
    ]),
  )
}
