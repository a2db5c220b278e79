import { badUserInput, type InputIssue } from './errors.ts'
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
  /** @throws BAD_USER_INPUT where there was any fault */
  finish(): void
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
    finish() {
      if (issues.length > 0) throw badUserInput(issues)
    },
  }
}

/**
 * The values of an input object of which each field is read by itself.
 *
 * @throws BAD_USER_INPUT that names every field that is wrong
 */
export function readWhole<Input, Values>(
  argument: string,
  input: Input,
  readValues: (read: InputReader, input: Input) => Values,
): Values {
  const read = readInput(argument)
  const values = readValues(read, input)
  read.finish()
  return values
}

/** The entries that were given: what is undefined is left out, so that it can't overwrite anything. */
export function givenOnly<Values extends object>(values: Values): Given<Values> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Given<Values>
}

type Given<Values> = { [Name in keyof Values]?: Exclude<Values[Name], undefined> }
