import { defaultFieldResolver, type GraphQLSchema, isObjectType } from 'graphql'
import { pageArguments } from '../selection/page-arguments.ts'

/** Gives the resolvers of all lists with pages the arguments that the client said (`pageArguments`). */
export function readPageArguments(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap()).filter(isObjectType)) {
    for (const field of Object.values(type.getFields())) {
      if (!field.args.some(({ name }) => name === 'last')) continue
      const { resolve = defaultFieldResolver } = field
      field.resolve = (parent, args, context, info) =>
        resolve(parent, pageArguments(args, info.fieldNodes[0]!, info.variableValues), context, info)
    }
  }
}
