import type { GraphQLFieldResolver } from 'graphql'
import { requireOrganizer } from '../access/viewer.ts'
import type { Context } from '../context.ts'

type Mutations = Record<string, GraphQLFieldResolver<object, Context>>

/** Refuses everybody else before an argument is looked at; in one place, so that a new mutation can't forget it. */
export function organizersOnly(mutations: object): Mutations {
  // Each resolver has arguments of its own; graphql-js hands them over untyped, as it does without the guard.
  return Object.fromEntries(
    Object.entries(mutations as Mutations).map(([name, mutate]): [string, Mutations[string]] => [
      name,
      (root, args, context, info) => {
        requireOrganizer(context.viewer)
        return mutate(root, args, context, info)
      },
    ]),
  )
}
