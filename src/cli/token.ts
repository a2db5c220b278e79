import { defineCommand, runMain } from 'citty'
import { mintToken, organizerOfEverything } from '../access/tokens.ts'
import { withDatabase } from './with-database.ts'
import { explain } from './explain.ts'

const command = defineCommand({
  meta: {
    name: 'npm run --silent token --',
    description:
      'Mints a bearer token and prints it, nothing else, to standard output. It is shown this once only.',
  },
  args: {
    role: { type: 'enum', options: ['organizer'], required: true, description: 'what the token may do' },
    label: { type: 'string', default: 'made on the command line', description: 'what it is for, for people' },
    days: { type: 'string', description: 'how many days it is good for; without it, until it is revoked' },
  },
  async run({ args }) {
    await explain(async () => {
      // citty doesn't insist on an enum that is required.
      if (args.role === undefined) throw new RangeError('Say what the token may do: --role organizer')
      const expiresAt = args.days === undefined ? null : daysFromNow(args.days)
      const { token } = await withDatabase(({ db }) =>
        mintToken(db, { ...organizerOfEverything, label: args.label, expiresAt }),
      )
      process.stdout.write(`${token}\n`)
    })
  },
})

/** @throws RangeError where it isn't a whole number of days, 1 to 3650 */
function daysFromNow(text: string): Date {
  const days = Number(text)
  if (!/^\d+$/.test(text) || days < 1 || days > 3650) {
    throw new RangeError(`--days must be a whole number from 1 to 3650, not ${JSON.stringify(text)}.`)
  }
  return new Date(Date.now() + days * 86_400_000)
}

await runMain(command)
