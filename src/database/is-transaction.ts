/**
 * Whether a client of Prisma's lives in a transaction. Prisma leaves `$connect` out of such a client; `$transaction` it
 * has, and that begins a savepoint.
 */
export function isTransaction(client: object): boolean {
  return !('$connect' in client)
}
