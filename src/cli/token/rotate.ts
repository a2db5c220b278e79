import { defineCommand } from 'citty'
import { rotateToken } from '../../features/token/token.ts'
import { onlyWord, refuseUnknown } from '../arguments.ts'
import { explain } from '../explain.ts'
import { asOperator } from '../with-database.ts'
import { endOf } from './end-of-life.ts'

const args = {
  id: { type: 'positional', required: false, description: "the token's id, as list gives it" },
  days: { type: 'string', description: 'how many days it is good for from now on; without it, that stays' },
  expires: {
    type: 'string',
    valueHint: 'INSTANT',
    description: 'or until when: 2027-01-01 (midnight in UTC)',
  },
} as const

export const rotateTokenCommand = defineCommand({
  meta: {
    name: 'npm run --silent token -- rotate',
    description: 'Gives a token a new secret and prints it, nothing else. The old one is refused at once.',
  },
  args,
  async run({ args: given, rawArgs }) {
    await explain(async () => {
      refuseUnknown(args, rawArgs)
      const id = onlyWord(given.id, given._, 'Name one token by its id: npm run --silent token -- rotate ID')
      const expiresAt = endOf(given.days, given.expires, new Date()) ?? undefined
      const { secret } = await asOperator((operator) =>
        rotateToken(operator, id, { expectedVersion: null, expiresAt }, { id: true }),
      )
      process.stdout.write(`${secret}\n`)
    })
  },
})
