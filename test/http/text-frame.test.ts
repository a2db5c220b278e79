import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { textFrame } from '../../src/http/live/text-frame.ts'

test.each([0, 1, 125, 126, 65_535, 65_536, 200_000])(
  'a text of %i bytes is read by a client as it was sent',
  async (length) => {
    const text = 'ü'.repeat(length / 2) + 'x'.repeat(length % 2)
    const [start, rest] = [Buffer.from(text).subarray(0, 50), Buffer.from(text).subarray(50)]
    const server = createServer().listen(0)
    const sockets = new WebSocketServer({ noServer: true })
    server.on('upgrade', (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, () => socket.write(textFrame(start, rest))),
    )
    const client = new WebSocket(`ws://localhost:${(server.address() as AddressInfo).port}`)
    onTestFinished(() => {
      client.terminate()
      server.close()
    })
    const [read, isBinary] = (await once(client, 'message')) as [Buffer, boolean]
    expect([read.length, read.toString() === text, isBinary]).toEqual([length, true, false])
  },
)
