import { defineCommand } from 'citty'
import { rotateWebhookSecret } from '../../features/webhook/webhook.ts'
import { onlyWord, refuseUnknown } from '../arguments.ts'
import { explain } from '../explain.ts'
import { asOperator } from '../with-database.ts'

const args = {
  id: { type: 'positional', required: false, description: "the webhook's id, as list gives it" },
  minutes: {
    type: 'string',
    default: '1440',
    description: 'how long messages are signed by the former secret, too; a day, unless you say',
  },
} as const

export const rotateWebhookCommand = defineCommand({
  meta: {
    name: 'npm run --silent webhook -- rotate',
    description: 'Gives a webhook a new secret and prints it, nothing else.',
  },
  args,
  async run({ args: given, rawArgs }) {
    await explain(async () => {
      refuseUnknown(args, rawArgs)
      const id = onlyWord(
        given.id,
        given._,
        'Name one webhook by its id: npm run --silent webhook -- rotate ID',
      )
      if (!/^\d+$/.test(given.minutes)) throw new RangeError('--minutes must be a whole number.')
      const formerValidFor = Number(given.minutes)
      const { secret } = await asOperator((operator) =>
        rotateWebhookSecret(operator, id, { expectedVersion: null, formerValidFor }, { id: true }),
      )
      process.stdout.write(`${secret}\n`)
    })
  },
})
