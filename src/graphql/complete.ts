import type { Resolver } from '../generated/graphql.ts'

/**
 * The resolvers that a type can't do without: of the fields that its row hasn't, or has with another type than the
 * SDL says. For the others graphql-js takes the row's property of the same name.
 *
 * `satisfies Complete<EventRow, EventResolvers>` fails in tsc on a resolver that is missing.
 */
export type Complete<Row, Resolvers> = {
  [
    Field in keyof Resolvers as IsServedBy<Row, Field, Resolvers[Field]> extends true ? never : Field
  ]-?: Resolvers[Field]
} & Partial<Resolvers>

type IsServedBy<Row, Field, FieldResolver> = Field extends '__isTypeOf'
  ? true
  : Row extends Record<Field & string, infer Value>
    ? Value extends Answer<FieldResolver>
      ? true
      : false
    : false

type Answer<FieldResolver> =
  // Inferring one parameter of four needs something that fits the other three, whichever they are.
  // oxlint-disable-next-line typescript/no-explicit-any
  NonNullable<FieldResolver> extends Resolver<infer Result, any, any, any> ? Result : never
