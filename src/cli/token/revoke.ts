import { defineCommand } from 'citty'
import { revokeToken } from '../../features/token/token.ts'
import { onlyWord, refuseUnknown } from '../arguments.ts'
import { explain } from '../explain.ts'
import { asOperator } from '../with-database.ts'

const args = {
  id: { type: 'positional', required: false, description: "the token's id, as list gives it" },
} as const

export const revokeTokenCommand = defineCommand({
  meta: {
    name: 'npm run --silent token -- revoke',
    description: 'Ends a token, and those that were minted with it, for good.',
  },
  args,
  async run({ args: given, rawArgs }) {
    await explain(async () => {
      refuseUnknown(args, rawArgs)
      const id = onlyWord(given.id, given._, 'Name one token by its id: npm run --silent token -- revoke ID')
      await asOperator((operator) => revokeToken(operator, id, null, { id: true }))
      process.stdout.write('Revoked.\n')
    })
  },
})
