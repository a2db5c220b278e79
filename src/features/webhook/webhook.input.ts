import type { CreateWebhookInput, WebhookKind, WebhookPatch as PatchInput } from '../../generated/graphql.ts'
import { givenOnly, type InputReader, type Parsed, readInput } from '../../input.ts'
import { heading } from '../../text.ts'
import { type AllowedNetworks, faultOfUrl } from '../../webhooks/reach.ts'

/** What a webhook is told, and where. */
export interface WebhookValues {
  readonly url: string
  readonly label: string
  readonly entities: WebhookKind[]
}

export type WebhookPatch = Partial<WebhookValues> & { readonly isPaused?: boolean }

export function parseWebhook(input: CreateWebhookInput, allowed: AllowedNetworks): Parsed<WebhookValues> {
  const read = readInput('input')
  const { url, label, kinds = null } = input
  checkValues(read, { url, label }, allowed)
  return { values: { url, label, entities: [...new Set(kinds)] }, issues: read.issues }
}

export function parsePatch(patch: PatchInput, allowed: AllowedNetworks): Parsed<WebhookPatch> {
  const read = readInput('patch')
  const url = read.required('url', patch.url)
  const label = read.required('label', patch.label)
  const kinds = read.required('kinds', patch.kinds)
  const isPaused = read.required('isPaused', patch.isPaused)
  checkValues(read, { url, label }, allowed)
  const entities = kinds && [...new Set(kinds)]
  return { values: givenOnly({ url, label, entities, isPaused }), issues: read.issues }
}

function checkValues(
  read: InputReader,
  { url, label }: { url: string | undefined; label: string | undefined },
  allowed: AllowedNetworks,
): void {
  const fault = url === undefined ? null : faultOfUrl(url, allowed)
  if (fault !== null) read.fault('url', fault)
  read.text('label', label, { ...heading, maxLength: 200 })
}
