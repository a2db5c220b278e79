import { defineCommand, runMain } from 'citty'
import { onlyWord, refuseUnknown } from './arguments.ts'
import { explain } from './explain.ts'
import { personOf } from './person.ts'
import { withDatabase } from './with-database.ts'

const args = {
  subject: { type: 'positional', required: false, description: 'what the issuer calls the person (sub)' },
  issuer: {
    type: 'string',
    description: 'whose SUBJECT that is: OIDC_ISSUER, or "local" where there is none',
  },
  revoke: { type: 'boolean', description: 'makes them an ordinary person again' },
} as const

const command = defineCommand({
  meta: {
    name: 'npm run admin --',
    description:
      'Makes a person a system admin, who may do everything at every event. Known here or not yet.',
  },
  args,
  async run({ args: given, rawArgs }) {
    await explain(async () => {
      refuseUnknown(args, rawArgs)
      const usage = 'Name one person: npm run admin -- SUBJECT [--issuer ISSUER] [--revoke]'
      const subject = onlyWord(given.subject, given._, usage)
      const isAdmin = given.revoke !== true
      await withDatabase(async ({ db }, config) => {
        const { id } = await personOf(db, config, subject, given.issuer)
        const { issuer } = await db.user.update({
          where: { id },
          data: { isAdmin },
          select: { issuer: true },
        })
        process.stdout.write(`${subject} of ${issuer} is ${isAdmin ? 'an' : 'no'} admin now.\n`)
      })
    })
  },
})

await runMain(command)
