import { createHmac, randomBytes } from 'node:crypto'

/** 256 random bits, as they are stored. */
export function newKey(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(randomBytes(32))
}

/** A key as Standard Webhooks writes it for people and programs. */
export function secretOf(key: Uint8Array): string {
  return `whsec_${Buffer.from(key).toString('base64')}`
}

/**
 * The headers by which a receiver knows who sent a message, by Standard Webhooks: any of the keys is enough.
 *
 * @param now in milliseconds since 1970
 */
export function signedHeaders(
  { id, body }: { readonly id: string; readonly body: string },
  keys: readonly Uint8Array[],
  now: number,
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1_000))
  const signatures = keys.map((key) => {
    const digest = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
    return `v1,${digest}`
  })
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  }
}
