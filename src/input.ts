import { ApiError, badUserInput, type InputIssue } from './errors.ts'
import { faultOfText, type TextRule } from './text.ts'

/** The most values that a client may list in one place: each is a parameter of the SQL statement. */
export const maxListed = 500

/**
 * Reads the fields of one GraphQL input object and gathers every fault, so that a person corrects them all at once.
 * `undefined` is a field that was left out, `null` one that is to be cleared.
 */
export interface InputReader {
  /** Text as it is, checked; null stays null. */
  text(field: string, value: string | null | undefined, rule: TextRule): string | null | undefined
  /** A list as it is, checked for its length only; null stays null. */
  list<Value>(field: string, values: Value[] | null | undefined): Value[] | null | undefined
  /** A value that can't be cleared: null is a fault. */
  required<Value>(field: string, value: Value | null | undefined): Value | undefined
  /** @param field its name, or the way to it from the object down */
  fault(field: string | readonly (string | number)[], message: string): void
  /** What is wrong so far. */
  readonly issues: readonly InputIssue[]
}

/**
 * An input as far as it could be read, and what is wrong with it. The verb that takes it adds what only the verb can
 * check, and refuses all of it at once: by `checkAll`, before it writes anything.
 */
export interface Parsed<Values> {
  readonly values: Values
  readonly issues: readonly InputIssue[]
}

/** Values that nobody has to check any more, as a verb takes them. */
export function valid<Values>(values: Values): Parsed<Values> {
  return { values, issues: [] }
}

type Checks = readonly (() => unknown)[]
type Checked<All extends Checks> = { -readonly [Index in keyof All]: Awaited<ReturnType<All[Index]>> }

/**
 * Makes all checks of an input, one after the other, whatever each of them finds.
 *
 * @param issues what is known to be wrong already
 * @returns what the checks gave
 * @throws BAD_USER_INPUT with the issues and those of all checks. Anything else that a check throws ends them at once.
 */
export async function checkAll<const All extends Checks>(
  issues: readonly InputIssue[],
  checks: All,
): Promise<Checked<All>> {
  const checked = await checkEach(issues, checks)
  if (checked.issues.length > 0) throw badUserInput(checked.issues)
  return checked.values
}

/** As `checkAll`, for who has more to refuse: what a check refused is undefined, and its faults are among the issues. */
export async function checkEach<const All extends Checks>(
  issues: readonly InputIssue[],
  checks: All,
): Promise<Parsed<Checked<All>>> {
  const all = [...issues]
  const found: unknown[] = []
  for (const check of checks) {
    try {
      found.push(await check())
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 'BAD_USER_INPUT')) throw error
      // Every refusal of an input has them: `badUserInput` is how one is made.
      all.push(...(error.details['issues'] as InputIssue[]))
      found.push(undefined)
    }
  }
  // One for each check, in their order.
  return { values: found as Checked<All>, issues: all }
}

/** @param argument the name of the GraphQL argument that holds the object */
export function readInput(argument: string): InputReader {
  const issues: InputIssue[] = []
  const fault: InputReader['fault'] = (field, message) =>
    void issues.push({ path: [argument, ...(typeof field === 'string' ? [field] : field)], message })
  return {
    fault,
    text(field, value, rule) {
      const problem = typeof value === 'string' ? faultOfText(value, rule) : null
      if (problem !== null) fault(field, problem)
      return value
    },
    list(field, values) {
      if (values && values.length > maxListed) fault(field, `must list ${maxListed} at most.`)
      return values
    },
    required(field, value) {
      if (value !== null) return value
      fault(field, "can't be cleared: leave it out to keep what is stored.")
      return undefined
    },
    issues,
  }
}

/** The values of an input object of which each field is read by itself. */
export function readWhole<Input, Values>(
  argument: string,
  input: Input,
  readValues: (read: InputReader, input: Input) => Values,
): Parsed<Values> {
  const read = readInput(argument)
  return { values: readValues(read, input), issues: read.issues }
}

/** The entries that were given: what is undefined is left out, so that it can't overwrite anything. */
export function givenOnly<Values extends object>(values: Values): Given<Values> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Given<Values>
}

type Given<Values> = { [Name in keyof Values]?: Exclude<Values[Name], undefined> }
