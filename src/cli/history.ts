import { defineCommand, runMain } from 'citty'
import { eraseSpeakerCommand } from './history/erase-speaker.ts'
import { pruneCommand } from './history/prune.ts'

await runMain(
  defineCommand({
    meta: {
      name: 'npm run history --',
      description: 'What may be done to the history, beside reading it. Nothing else deletes any of it.',
    },
    subCommands: { prune: pruneCommand, 'erase-speaker': eraseSpeakerCommand },
  }),
)
