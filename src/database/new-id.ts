import { randomBytes } from 'node:crypto'

/** A UUIDv7, as Prisma makes them; of one millisecond those of one list are in its order. */
export function newId(index: number): string {
  const time = Date.now().toString(16).padStart(12, '0')
  const order = (index & 0xfff).toString(16).padStart(3, '0')
  const random = randomBytes(8)
  random[0] = (random[0]! & 0x3f) | 0x80
  const rest = random.toString('hex')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${order}-${rest.slice(0, 4)}-${rest.slice(4)}`
}
