import { defineCommand } from 'citty'
import { describeWebhooks } from '../../features/webhook/webhook.list.ts'
import { refuseUnknown } from '../arguments.ts'
import { explain } from '../explain.ts'
import { asOperator } from '../with-database.ts'

const args = { json: { type: 'boolean', description: 'as JSON, for scripts' } } as const

export const listWebhooksCommand = defineCommand({
  meta: { name: 'npm run --silent webhook -- list', description: 'Lists the webhooks of all events.' },
  args,
  async run({ args: given, rawArgs }) {
    await explain(async () => {
      refuseUnknown(args, rawArgs)
      const webhooks = await asOperator(describeWebhooks)
      const text = given.json === true ? `${JSON.stringify(webhooks, null, 2)}\n` : asText(webhooks)
      process.stdout.write(text)
    })
  },
})

type Described = Awaited<ReturnType<typeof describeWebhooks>>

/** Two lines a webhook: what it is, and how it stands. */
function asText(webhooks: Described): string {
  if (webhooks.length === 0) return 'There are no webhooks.\n'
  return webhooks
    .map(({ id, event, url, label, kinds, state, stopReason, waiting }) => {
      const what = kinds.length === 0 ? 'everything' : kinds.join(', ')
      const how = stopReason ?? state.toLowerCase()
      return `${id}  ${label}\n  ${event} to ${url}; told of ${what}; ${how}; ${waiting} messages wait\n`
    })
    .join('')
}
