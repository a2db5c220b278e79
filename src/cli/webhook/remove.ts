import { defineCommand } from 'citty'
import { deleteWebhook } from '../../features/webhook/webhook.ts'
import { onlyWord, refuseUnknown } from '../arguments.ts'
import { explain } from '../explain.ts'
import { asOperator } from '../with-database.ts'

const args = {
  id: { type: 'positional', required: false, description: "the webhook's id, as list gives it" },
} as const

export const removeWebhookCommand = defineCommand({
  meta: {
    name: 'npm run --silent webhook -- remove',
    description: 'Ends a webhook for good, and forgets what it was sent.',
  },
  args,
  async run({ args: given, rawArgs }) {
    await explain(async () => {
      refuseUnknown(args, rawArgs)
      const id = onlyWord(
        given.id,
        given._,
        'Name one webhook by its id: npm run --silent webhook -- remove ID',
      )
      await asOperator((operator) => deleteWebhook(operator, id, null))
      process.stdout.write('Removed.\n')
    })
  },
})
