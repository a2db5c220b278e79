import type { IncomingMessage } from 'node:http'
import ipaddr from 'ipaddr.js'
import { createRecent } from './recent.ts'

/** A range of addresses; one address alone is one, too. */
export type Network = readonly [ipaddr.IPv4 | ipaddr.IPv6, number]

/** @param text '10.0.0.0/8', '2001:db8::/32', '192.0.2.7'. @returns null where it is none of these */
export function networkFrom(text: string): Network | null {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text)
  if (!ipaddr.IPv4.isValidFourPartDecimal(text) && !ipaddr.IPv6.isValid(text)) return null
  const address = ipaddr.process(text)
  return [address, address.kind() === 'ipv4' ? 32 : 128]
}

export function isIn(networks: readonly Network[], text: string | undefined): boolean {
  if (text === undefined || !ipaddr.isValid(text)) return false
  const address = ipaddr.process(text)
  return networks.some(([network, bits]) => address.kind() === network.kind() && address.match(network, bits))
}

/**
 * Whom an address stands for: an IPv4 address itself, of an IPv6 address its /64, which is the least that one customer
 * has: all of its addresses are one person's. What is no address stands for itself.
 */
export function networkOf(text: string): string {
  const known = networks.get(text)
  if (known !== undefined) return known
  const network = workOutNetwork(text)
  networks.set(text, network, 1)
  return network
}

/** Who asks once asks again, and each request wants to know it several times. */
const networks = createRecent<string>(5_000)

function workOutNetwork(text: string): string {
  if (!ipaddr.isValid(text)) return text
  const address = ipaddr.process(text)
  if (address instanceof ipaddr.IPv4) return address.toString()
  return `${address.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`
}

/** Who asks, where proxies that are trusted say for whom they ask; the last of them first. */
export function addressBehind(
  proxies: readonly Network[],
  { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>,
): string {
  const named = [headers['x-forwarded-for'] ?? []].flat().join().split(',')
  let asks = socket.remoteAddress ?? ''
  for (const next of named.map((text) => text.trim()).toReversed()) {
    if (next === '' || !isIn(proxies, asks)) break
    asks = next
  }
  return asks
}
