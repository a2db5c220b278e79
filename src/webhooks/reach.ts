import ipaddr from 'ipaddr.js'
import { isIn, type Network } from '../addresses.ts'
import { urlOf } from '../text.ts'

/** Where webhooks may go besides the public internet; empty: nowhere else. */
export type AllowedNetworks = readonly Network[]

/**
 * Why nothing is sent to an address; null if it may be. Public addresses may be reached, and those that the operator
 * allows. An IPv6 address that stands for an IPv4 address (mapped, NAT64, 6to4, Teredo, ISATAP) isn't public: where it ends
 * up is for others to decide.
 *
 * @param address as a resolver or a socket gives it
 */
export function faultOfAddress(address: string, allowed: AllowedNetworks): string | null {
  if (isIn(allowed, address)) return null
  if (!ipaddr.isValid(address)) return `${JSON.stringify(address)} is no IP address`
  const parsed = ipaddr.process(address)
  const isPublic = parsed instanceof ipaddr.IPv4 ? isPublicV4(parsed) : isPublicV6(parsed)
  return isPublic ? null : `${address} is no public address`
}

function isPublicV4(address: ipaddr.IPv4): boolean {
  return address.range() === 'unicast' && !isIn(platforms, address.toString())
}

function isPublicV6(address: ipaddr.IPv6): boolean {
  const [, , , , fifth, sixth] = address.parts
  const isIsatap = sixth === 0x5efe && (fifth === 0 || fifth === 0x0200)
  return address.zoneId === undefined && address.range() === 'unicast' && address.match(global) && !isIsatap
}

/** What is handed out to the public so far. */
const global = ipaddr.IPv6.parseCIDR('2000::/3')

/** Public by number, and yet the inside of somebody's data centre: Azure's host. */
const platforms: AllowedNetworks = [[ipaddr.IPv4.parse('168.63.129.16'), 32]]

/**
 * Why an address on the web can't be a webhook's, as far as its text tells; null if it can. What its name resolves to is
 * looked at each time that something is sent.
 */
export function faultOfUrl(text: string, allowed: AllowedNetworks): string | null {
  if (text.length > 2048) return 'must be at most 2,048 characters long.'
  if (/[\s\p{C}]/u.test(text)) return "mustn't hold spaces or invisible characters."
  const url = urlOf(text)
  if (url === null) return 'must be an absolute address, such as https://example.org/hook.'
  const { protocol, username, password, hash, hostname, port } = url
  if (protocol !== 'https:' && !(protocol === 'http:' && allowed.length > 0)) {
    return 'must begin with https://: what is sent is for nobody else to read.'
  }
  if (username !== '' || password !== '') return "mustn't hold a user name or a password."
  if (hash !== '') return "mustn't hold a fragment (#...), which is never sent."
  if (port === '0') return "mustn't name port 0."
  const literal = literalIn(hostname)
  const fault = literal === null ? null : faultOfAddress(literal, allowed)
  return fault && `must be reachable from the public internet: ${fault}.`
}

/** The address that the host of a URL is, without brackets; null if it is a name. */
export function literalIn(hostname: string): string | null {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1')
  return ipaddr.isValid(bare) ? bare : null
}
