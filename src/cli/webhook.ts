import { defineCommand, runMain } from 'citty'
import { addWebhookCommand } from './webhook/add.ts'
import { listWebhooksCommand } from './webhook/list.ts'
import { removeWebhookCommand } from './webhook/remove.ts'
import { replayWebhookCommand } from './webhook/replay.ts'
import { rotateWebhookCommand } from './webhook/rotate.ts'

await runMain(
  defineCommand({
    meta: {
      name: 'npm run --silent webhook --',
      description: "Addresses that are told what is committed of events' programmes.",
    },
    subCommands: {
      add: addWebhookCommand,
      list: listWebhooksCommand,
      rotate: rotateWebhookCommand,
      replay: replayWebhookCommand,
      remove: removeWebhookCommand,
    },
  }),
)
