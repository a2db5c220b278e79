import { type Context, inTransaction } from '../../context.ts'
import { badUserInput, type InputIssue } from '../../errors.ts'
import { checkAll, valid } from '../../input.ts'
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
  const names = fields === null ? editableFields : editableFields.filter((name) => fields.includes(name))
  return inTransaction(ctx, async (tx) => {
    const needed = permissionsFor(Object.fromEntries(names.map((name) => [name, null])))
    const held = await holdToChange(tx, { id, expectedVersion }, ['session:history', ...needed])
    const [past] = await checkAll(faultsOfFields(fields), [() => requireVersionAt(tx, id, toVersion)])
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

/** @throws BAD_USER_INPUT where the history has no such version */
async function requireVersionAt(tx: Context, id: string, toVersion: number): Promise<SessionRow> {
  const past = await sessionAtVersion(tx, id, toVersion)
  if (past !== null) return past
  const message = `The history has no version ${toVersion} of this session.`
  throw badUserInput([{ path: ['toVersion'], message }])
}

/** Names every one that is no value of a session which people edit. */
function faultsOfFields(fields: readonly string[] | null): InputIssue[] {
  if (fields === null) return []
  const advice = `Name some of ${editableFields.join(', ')}.`
  if (fields.length === 0) return [{ path: ['fields'], message: `names none. ${advice}` }]
  return fields.flatMap((field, index) => {
    if (editableFields.some((name) => name === field)) return []
    const message = `${JSON.stringify(field)} is no value that can be taken back. ${advice}`
    return [{ path: ['fields', index], message }]
  })
}
