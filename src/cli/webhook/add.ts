import { defineCommand } from 'citty'
import { standingViewer } from '../../access/tokens.ts'
import { userViewer, type Viewer } from '../../access/viewer.ts'
import type { Config } from '../../config.ts'
import type { Database } from '../../database/client.ts'
import { parseWebhook } from '../../features/webhook/webhook.input.ts'
import { createWebhook } from '../../features/webhook/webhook.ts'
import type { WebhookKind } from '../../generated/graphql.ts'
import { RevisedEntity } from '../../generated/prisma/client.ts'
import { isId } from '../../paging.ts'
import { onlyWord, refuseUnknown } from '../arguments.ts'
import { explain } from '../explain.ts'
import { personOf } from '../person.ts'
import { asOperator } from '../with-database.ts'

/** What a webhook can be told of. */
const kinds: readonly WebhookKind[] = Object.values(RevisedEntity)

const args = {
  url: { type: 'positional', required: false, description: 'the address, such as https://example.org/hook' },
  event: { type: 'string', valueHint: 'SLUG', description: 'of whose programme it is told' },
  label: { type: 'string', description: 'what it is for, for people' },
  kind: {
    type: 'string',
    valueHint: 'NAME,NAME',
    description: `of what it is told: ${kinds.join(', ')}; without it, of everything`,
  },
  token: {
    type: 'string',
    valueHint: 'ID',
    description:
      'it is told what this token may see, as long as that is good; its id, as npm run token -- list gives it',
  },
  user: {
    type: 'string',
    valueHint: 'SUBJECT',
    description: 'or what this person may see; both must manage webhooks of the event',
  },
  issuer: {
    type: 'string',
    description: 'whose SUBJECT that is: OIDC_ISSUER, or "local" where there is none',
  },
} as const

export const addWebhookCommand = defineCommand({
  meta: {
    name: 'npm run --silent webhook -- add',
    description:
      'Has an address told what is committed from now on. Prints the secret by which messages are signed, nothing else, to ' +
      'standard output. It is shown this once only.',
  },
  args,
  async run({ args: given, rawArgs }) {
    await explain(async () => {
      refuseUnknown(args, rawArgs)
      const url = onlyWord(given.url, given._, 'Name one address: npm run --silent webhook -- add URL ...')
      const { event: eventSlug, label } = given
      if (eventSlug === undefined || label === undefined) {
        throw new RangeError('Say of which event it is told and what it is for: --event SLUG --label TEXT')
      }
      const wanted = kindsOf(given.kind)
      const secret = await asOperator(async (operator, config) => {
        const webhookNetworks = config.webhooks.allowed
        const viewer = await sightOf(operator.db, config, given)
        const ctx = { ...operator, viewer, webhookNetworks }
        const parsed = parseWebhook({ eventSlug, url, label, kinds: wanted }, webhookNetworks)
        return (await createWebhook(ctx, eventSlug, parsed, { id: true })).secret
      })
      process.stdout.write(`${secret}\n`)
    })
  },
})

/** @throws RangeError */
async function sightOf(
  db: Database,
  config: Config,
  { token, user, issuer }: { [name in 'token' | 'user' | 'issuer']: string | undefined },
): Promise<Viewer> {
  if (user !== undefined && token === undefined) return userViewer(await personOf(db, config, user, issuer))
  if (token === undefined || user !== undefined) {
    throw new RangeError('Say whose sight it has: --token ID or --user SUBJECT')
  }
  if (!isId(token)) throw new RangeError(`--token is the id of a token, as npm run token -- list gives it.`)
  return standingViewer(db, { tokenId: token, userId: null }, new Date())
}

/** @throws RangeError */
function kindsOf(text: string | undefined): WebhookKind[] {
  const names = text === undefined ? [] : text.split(',')
  return names.map((name) => {
    const known = kinds.find((kind) => kind === name.trim().toUpperCase())
    if (known !== undefined) return known
    throw new RangeError(`There is no kind ${JSON.stringify(name)}: ${kinds.join(', ')}.`)
  })
}
