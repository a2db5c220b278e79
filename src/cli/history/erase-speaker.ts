import { defineCommand } from 'citty'
import { type ErasablePerson, erasablePerson, eraseSpeaker } from '../../features/history/history.erasure.ts'
import { onlyWord, refuseUnknown } from '../arguments.ts'
import { confirmed } from '../confirm.ts'
import { explain } from '../explain.ts'
import { asOperator } from '../with-database.ts'

const args = {
  id: { type: 'positional', required: false, description: "the speaker's id" },
  yes: { type: 'boolean', description: 'do it without asking' },
} as const

export const eraseSpeakerCommand = defineCommand({
  meta: {
    name: 'erase-speaker',
    description: "Erases a person's data from a speaker and from its history, for good.",
  },
  args,
  async run({ args: given, rawArgs }) {
    await explain(async () => {
      refuseUnknown(args, rawArgs)
      const id = onlyWord(
        given.id,
        given._,
        'Name one speaker by its id: npm run history -- erase-speaker ID',
      )
      await asOperator(async (operator) => {
        const person = await erasablePerson(operator, id)
        process.stdout.write(descriptionOf(person))
        if (person.isErased || !(await confirmed(given.yes === true))) return
        await eraseSpeaker(operator, id)
        process.stdout.write('Done.\n')
      })
    })
  },
})

function descriptionOf({ id, name, eventSlug, isErased, revisions, namedIn }: ErasablePerson): string {
  if (isErased) return `Nothing to do: the speaker ${id} of ${eventSlug} was erased already.\n`
  const mentions = namedIn.map((session) => `  ${session.id}  ${session.title}\n`).join('')
  return (
    `To be erased for good: ${name} (${id}), a speaker of ${eventSlug}: name, texts, addresses and the link to a user,\n` +
    `from the speaker and from its ${revisions} revisions, of which the dates and the names of what changed stay; from\n` +
    'invitations; and every answer that is kept for retries. The speaker leaves all lists, also for later imports.\n' +
    (mentions === ''
      ? ''
      : `Not touched are the texts of sessions. The name stands, now or in their history, in:\n${mentions}`)
  )
}
