import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runDatabaseCommand } from '../../src/schema-evolution/engine/database-commands.ts'
import { type ServerPostgres, serverPostgresPrograms, startServerPostgres } from '../server-postgres.ts'

// Where no server PostgreSQL is installed, these are reported as skipped.
describe.skipIf(serverPostgresPrograms() === null)('a command on a database as a whole', () => {
  let server: ServerPostgres

  beforeAll(async () => {
    server = await startServerPostgres()
    const client = new pg.Client(server.superuserUrl)
    await client.connect()
    await client.query("CREATE ROLE stranger LOGIN PASSWORD 'stranger'")
    await client.query('REVOKE CONNECT ON DATABASE programme FROM PUBLIC')
    await client.end()
  })
  afterAll(() => server.stop())

  const toPort1 = (url: string) => url.replace(/:\d+\//, ':1/')
  const asStranger = (url: string) => url.replace('organizer:organizer', 'stranger:stranger')

  test.for([
    ['P1003', 'can-connect-to-database', (url) => url.replace('/programme', '/nowhere')],
    ['P1000', 'can-connect-to-database', (url) => url.replace(':organizer@', ':wrong@')],
    ['P1000', 'can-connect-to-database', (url) => url.replace(':organizer@', '@')],
    ['P1010', 'can-connect-to-database', asStranger],
    ['P1001', 'can-connect-to-database', toPort1],
    ['P1001', 'can-connect-to-database', (url) => toPort1(url).replace('127.0.0.1', 'localhost')],
    ['P1001', 'can-connect-to-database', (url) => url.replace('127.0.0.1', 'no-such-host.invalid')],
    ['P1011', 'can-connect-to-database', (url) => `${url}?sslmode=verify-full`],
    ['P1009', 'create-database', (url) => url],
    ['P1010', 'create-database', (url) => asStranger(url).replace('/programme', '/other')],
    ['P1001', 'create-database', toPort1],
    ['P1003', 'drop-database', (url) => url.replace('/programme', '/nowhere')],
    [null, 'no-such-command', (url) => url],
  ] satisfies [string | null, string, (url: string) => string][])(
    'fails with %s: %s (%#)',
    async ([code, command, change]) => {
      const url = change(server.url)
      const fault = await runDatabaseCommand(command, url).catch((error: unknown) => error)
      expect(fault).toMatchObject({ name: 'SchemaEngineError', code })
      expect(String(fault)).not.toContain('organizer:')
    },
  )

  test('makes, reaches and drops a database whose name has quotes', async () => {
    const url = server.url.replace('/programme', '/quoted%22;%20name')
    await runDatabaseCommand('create-database', url)
    await runDatabaseCommand('can-connect-to-database', url)
    await runDatabaseCommand('drop-database', url)
    await expect(runDatabaseCommand('can-connect-to-database', url)).rejects.toMatchObject({ code: 'P1003' })
  })
})
