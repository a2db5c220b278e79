/** Found rows under the type that their plan fills. */
export function asRows<Row extends object>(found: readonly object[]): Row[] {
  // Prisma can't type a `select` that is only known at run time; the plans and their test answer for it.
  return found as Row[]
}

/** One found row under the type that its plan fills. */
export function asRow<Row extends object>(found: object): Row {
  return asRows<Row>([found])[0]!
}
