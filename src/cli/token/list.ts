import { defineCommand } from 'citty'
import { describeTokens } from '../../features/token/token.list.ts'
import { refuseUnknown } from '../arguments.ts'
import { explain } from '../explain.ts'
import { asOperator } from '../with-database.ts'

const args = { json: { type: 'boolean', description: 'as JSON, for scripts' } } as const

export const listTokensCommand = defineCommand({
  meta: { name: 'npm run --silent token -- list', description: "Lists the tokens that weren't revoked." },
  args,
  async run({ args: given, rawArgs }) {
    await explain(async () => {
      refuseUnknown(args, rawArgs)
      const tokens = await asOperator(describeTokens)
      process.stdout.write(given.json === true ? `${JSON.stringify(tokens, null, 2)}\n` : asText(tokens))
    })
  },
})

type Described = Awaited<ReturnType<typeof describeTokens>>

/** Two lines a token: what it is, and what it is held to. */
function asText(tokens: Described): string {
  if (tokens.length === 0) return 'There are no tokens.\n'
  return tokens
    .map(({ id, label, role, user, events, permissions, expiresAt, lastUsedAt }) => {
      const who = [user && `acts for ${user}`, role && `${user ? 'at most ' : ''}${role.toLowerCase()}`]
      const until = expiresAt === null ? 'until it is revoked' : `until ${expiresAt.toISOString()}`
      const used = lastUsedAt === null ? 'never used' : `last used ${lastUsedAt.toISOString()}`
      const held = [...events, ...permissions].join(', ') || 'nothing'
      return `${id}  ${label}\n  ${who.filter(Boolean).join(', ')}; held to ${held}; ${until}; ${used}\n`
    })
    .join('')
}
