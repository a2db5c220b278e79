import { type Context, inTransaction } from '../../context.ts'
import { badUserInput } from '../../errors.ts'
import { valid } from '../../input.ts'
import type { Select } from '../../selection/merge.ts'
import type { ChangeFor } from '../history/history.conflict.ts'
import type { SessionRow } from '../rows.ts'
import { formatOf } from '../text/text.fields.ts'
import { holdToChange } from './session.hold.ts'
import { sessionAtVersion } from './session.past.ts'
import type { SessionValues } from './session.ts'
import { permissionsFor, writeValues } from './session.write.ts'

/** To which of its versions a session is taken back. */
export interface Revert {
  readonly toVersion: number
  /** The names of the values that come back; null: all. */
  readonly fields: readonly string[] | null
}

/**
 * Writes values that people edit as they were at an earlier version, as a new version, by the rules of any update.
 *
 * @throws as `updateSession`; BAD_USER_INPUT where a field is none, the history has no such version, or it names what was
 *   deleted since
 */
export async function revertSession(
  ctx: Context,
  { id, expectedVersion }: ChangeFor,
  { toVersion, fields }: Revert,
  select: Select,
): Promise<SessionRow> {
  const names = fields === null ? editableFields : requireFields(fields)
  return inTransaction(ctx, async (tx) => {
    const needed = permissionsFor(Object.fromEntries(names.map((name) => [name, null])))
    const held = await holdToChange(tx, { id, expectedVersion }, ['session:history', ...needed])
    const past = await sessionAtVersion(tx, id, toVersion)
    if (past === null) {
      const message = `The history has no version ${toVersion} of this session.`
      throw badUserInput([{ path: ['toVersion'], message }])
    }
    const values: Partial<SessionValues> = Object.fromEntries(
      names.map((name) => [name, name === 'textFormat' ? formatOf(past) : past[name]]),
    )
    return writeValues(tx, held, valid(values), { place: ['toVersion'], select })
  })
}

const editableFields = Object.keys({
  title: true,
  subtitle: true,
  abstract: true,
  description: true,
  textFormat: true,
  language: true,
  level: true,
  state: true,
  startsAt: true,
  endsAt: true,
  slidesUrl: true,
  videoUrl: true,
  audioUrl: true,
  signupUrl: true,
  imageUrl: true,
  links: true,
  trackId: true,
  roomId: true,
  sessionTypeId: true,
  speakerIds: true,
  // Its keys are those of the type, all of them.
} satisfies Record<keyof SessionValues, true>) as (keyof SessionValues)[]

/** @throws BAD_USER_INPUT that names every one that is no value of a session which people edit */
function requireFields(fields: readonly string[]): (keyof SessionValues)[] {
  const known = editableFields.filter((name) => fields.includes(name))
  const unknown = fields.flatMap((field, index) =>
    editableFields.some((name) => name === field) ? [] : [{ path: ['fields', index], field }],
  )
  const advice = `Name some of ${editableFields.join(', ')}.`
  if (fields.length === 0) throw badUserInput([{ path: ['fields'], message: `names none. ${advice}` }])
  if (unknown.length === 0) return known
  throw badUserInput(
    unknown.map(({ path, field }) => ({
      path,
      message: `${JSON.stringify(field)} is no value that can be taken back. ${advice}`,
    })),
  )
}
