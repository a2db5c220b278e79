import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ready, start } from '../start/started.ts'
import { cloneDatabase } from '../clones.ts'
import { connectRaw, type RawSocket, statusesIn, until } from './raw-socket.ts'

/** More than these the kernel doesn't let wait, whatever a server asks for. */
const setting = '/proc/sys/net/core/somaxconn'
const bound = existsSync(setting) ? Number(readFileSync(setting, 'utf8')) : 0
const many = 1_500

test.skipIf(bound < many)(
  'whoever comes while the server is busy is let in at once, and answered when it has time',
  async () => {
    const server = start({
      DATABASE_URL: await cloneDatabase(),
      MAX_CONNECTIONS_PER_ADDRESS: String(many),
    })
    const url = await ready(server)
    server.process.kill('SIGSTOP')
    const clients: RawSocket[] = []
    for (let n = 0; n < many; n += 1) void connectRaw(url).then((client) => clients.push(client))
    await expect.poll(() => clients.length, { timeout: 20_000 }).toBe(many)
    server.process.kill('SIGCONT')
    for (const { socket } of clients) socket.write('GET /livez HTTP/1.1\r\nhost: x\r\n\r\n')
    await until(() => clients.every(({ received }) => statusesIn(received()).join() === '200'))
  },
)
