import { defineCommand } from 'citty'
import { replayWebhook } from '../../features/webhook/webhook.ts'
import { onlyWord, refuseUnknown } from '../arguments.ts'
import { explain } from '../explain.ts'
import { instantOption } from '../instant.ts'
import { asOperator } from '../with-database.ts'

const args = {
  id: { type: 'positional', required: false, description: "the webhook's id, as list gives it" },
  since: {
    type: 'string',
    valueHint: 'INSTANT',
    description: 'from when: 2027-01-01 (midnight in UTC) or 2027-01-01T08:00:00Z',
  },
  until: { type: 'string', valueHint: 'INSTANT', description: 'until when; now, unless you say' },
} as const

export const replayWebhookCommand = defineCommand({
  meta: {
    name: 'npm run --silent webhook -- replay',
    description: 'Tells a webhook again what was committed in a span, delivered or not.',
  },
  args,
  async run({ args: given, rawArgs }) {
    await explain(async () => {
      refuseUnknown(args, rawArgs)
      const id = onlyWord(
        given.id,
        given._,
        'Name one webhook by its id: npm run --silent webhook -- replay ID ...',
      )
      if (given.since === undefined) throw new RangeError('Say from when: --since 2027-01-01T08:00:00Z')
      const span = {
        since: instantOption('--since', given.since),
        until: given.until === undefined ? null : instantOption('--until', given.until),
      }
      await asOperator((operator) => replayWebhook(operator, id, span, { id: true }))
      process.stdout.write('A running server tells it.\n')
    })
  },
})
