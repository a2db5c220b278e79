import { defineCommand } from 'citty'
import { planPrune, prune, type PrunedKind } from '../../features/history/history.retention.ts'
import { refuseUnknown } from '../arguments.ts'
import { confirmed } from '../confirm.ts'
import { explain } from '../explain.ts'
import { instantOption } from '../instant.ts'
import { asOperator } from '../with-database.ts'

const args = {
  before: {
    type: 'string',
    valueHint: 'INSTANT',
    description: 'what is older goes: 2026-01-01 (midnight in UTC), or an instant with its offset',
  },
  event: { type: 'string', valueHint: 'SLUG', description: 'of this event only' },
  yes: { type: 'boolean', description: 'do it without asking' },
} as const

export const pruneCommand = defineCommand({
  meta: {
    name: 'prune',
    description: 'Deletes old revisions; each history then begins with what they told together.',
  },
  args,
  async run({ args: given, rawArgs }) {
    await explain(async () => {
      refuseUnknown(args, rawArgs)
      const scope = { before: beforeOf(given.before, new Date()), eventSlug: given.event ?? null }
      await asOperator(async (operator) => {
        const plan = await planPrune(operator, scope)
        process.stdout.write(descriptionOf(plan, scope.before))
        if (plan.length === 0 || !(await confirmed(given.yes === true))) return
        await prune(operator, scope)
        process.stdout.write('Done.\n')
      })
    })
  },
})

/** @throws RangeError where it is none, or in the future */
function beforeOf(text: string | undefined, now: Date): Date {
  if (text === undefined) throw new RangeError('Say how old what goes is: --before 2026-01-01')
  const before = instantOption('--before', text)
  if (before > now) throw new RangeError(`--before: ${before.toISOString()} is in the future.`)
  return before
}

function descriptionOf(plan: readonly PrunedKind[], before: Date): string {
  const until = before.toISOString()
  if (plan.length === 0) return `Nothing to do: before ${until} no history has more than where it begins.\n`
  const lines = plan.map(
    ({ entity, revisions, things, oldest, newest }) =>
      `  ${String(revisions).padStart(8)} revisions of ${things} ${entity.replace('_', ' ')}${things === 1 ? '' : 's'}, ` +
      `${oldest.toISOString()} to ${newest.toISOString()}`,
  )
  return (
    `To be deleted for good, because they are older than ${until}:\n${lines.join('\n')}\n` +
    'Each history then begins with the last state before that instant. What was there earlier, who changed it and\n' +
    'when, can no longer be read, nor gone back to.\n'
  )
}
