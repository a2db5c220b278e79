import { Transform, type TransformCallback } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { networkOf } from '../addresses.ts'
import { unavailable } from '../errors.ts'
import type { HttpLimits } from './http-limits.ts'

/** What a body may always have, so that whoever uses up the budget is in nobody's way who asks what screens ask. */
export const uncounted = 16_384

/**
 * Bodies are held in memory until they are answered, parsed into many times their size. Together they may take as much
 * as the limits say: counted is what has come in, not what was announced.
 */
export function registerBodyBudget(app: FastifyInstance, limits: HttpLimits): void {
  let inAll = 0
  const byNetwork = new Map<string, number>()
  const take = (network: string, bytes: number) => {
    inAll += bytes
    const ofNetwork = (byNetwork.get(network) ?? 0) + bytes
    if (ofNetwork > 0) byNetwork.set(network, ofNetwork)
    else byNetwork.delete(network)
    return inAll <= limits.bodyBytes && ofNetwork <= limits.bodyBytesPerAddress
  }
  app.addHook('preParsing', (request, reply, payload, done) => {
    if (isShort(request)) return done(null, payload)
    const network = networkOf(request.ip)
    let [received, taken] = [0, 0]
    reply.raw.once('close', () => take(network, -taken))
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, pass: TransformCallback) {
        received += chunk.length
        const more = Math.max(0, received - uncounted) - taken
        taken += more
        pass(more === 0 || take(network, more) ? null : tooMuch(), chunk)
      },
    })
    payload.on('error', (error) => counted.destroy(error))
    // A refused body is read to its end and thrown away, so that its client comes to read why.
    counted.on('error', () => payload.resume())
    done(null, payload.pipe(counted))
  })
}

/** Of a body in chunks nobody knows the length. */
function isShort({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) <= uncounted
}

function tooMuch(): Error {
  const message = 'More is being sent to this server right now than it can hold.'
  return Object.assign(unavailable(message), { statusCode: 503 })
}
