import { type FieldNode, Kind } from 'graphql'

type Arguments = Readonly<Record<string, unknown>>

/**
 * The arguments of a field, without the default of `first` where the client said `last` instead: only what is said by
 * the client can contradict itself.
 *
 * @param args as graphql-js coerced them
 */
export function pageArguments(args: Arguments, node: FieldNode, variables: Arguments): Arguments {
  if (args['last'] == null) return args
  const first = node.arguments?.find(({ name }) => name.value === 'first')?.value
  const isSaid = first !== undefined && (first.kind !== Kind.VARIABLE || first.name.value in variables)
  return isSaid ? args : { ...args, first: null }
}
