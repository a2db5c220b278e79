import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { onTestFinished } from 'vitest'

const audience = 'open-event'

/** An OpenID Connect issuer on this machine, as far as an API needs one: discovery, keys, and tokens signed by them. */
export interface Issuer {
  readonly issuer: string
  readonly audience: string
  /** How often its keys were fetched. */
  readonly fetches: () => number
  /** A token as the issuer gives one to somebody who signed in. */
  sign(claims: JWTPayload & { sub: string }, header?: { alg?: string; kid?: string }): Promise<string>
  /** Signs by a new key from now on, and no longer has the old one. */
  rotate(): Promise<void>
  down(): Promise<void>
  up(): Promise<void>
}

let lasting: Promise<Issuer> | undefined

/** The issuer of all tests of a worker that only have people sign in: its keys stay, and it is never down. */
export function lastingIssuer(): Promise<Issuer> {
  return (lasting ??= openIssuer().then(({ issuer, server }) => {
    server.unref()
    return issuer
  }))
}

/** An issuer that ends with the test that started it. */
export async function startIssuer(): Promise<Issuer> {
  const { issuer, server } = await openIssuer()
  onTestFinished(() => (server.listening ? issuer.down() : undefined))
  return issuer
}

async function openIssuer(): Promise<{ issuer: Issuer; server: http.Server }> {
  let generation = 0
  let keys = await newKeys((generation += 1))
  let fetches = 0
  let port = 0
  const server = http.createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    if (request.url === '/.well-known/openid-configuration') {
      response.end(JSON.stringify({ issuer: issuer(), jwks_uri: `${issuer()}/keys` }))
    } else {
      fetches += 1
      response.end(JSON.stringify({ keys: [keys.jwk] }))
    }
  })
  const issuer = () => `http://localhost:${port}`
  const up = () =>
    new Promise<void>((resolve) =>
      server.listen(port, () => {
        port = (server.address() as AddressInfo).port
        resolve()
      }),
    )
  const down = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  await up()
  const opened: Issuer = {
    issuer: issuer(),
    audience,
    fetches: () => fetches,
    sign: ({ exp, ...claims }, header = {}) =>
      new SignJWT({
        iss: issuer(),
        aud: audience,
        exp: exp ?? Math.floor(Date.now() / 1000) + 600,
        ...claims,
      })
        .setProtectedHeader({ alg: 'ES256', kid: keys.jwk.kid, ...header })
        .sign(keys.privateKey),
    rotate: async () => {
      keys = await newKeys((generation += 1))
    },
    down,
    up,
  }
  return { issuer: opened, server }
}

async function newKeys(generation: number) {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid: `key-${generation}`, alg: 'ES256' } }
}
