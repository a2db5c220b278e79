import { once } from 'node:events'
import net from 'node:net'
import { onTestFinished } from 'vitest'

/** A connection on which a test sends what it likes, when it likes. */
export interface RawSocket {
  readonly socket: net.Socket
  /** What came back so far. */
  readonly received: () => string
  /** When the server has closed it. */
  readonly closed: Promise<void>
}

export async function connectRaw(url: string): Promise<RawSocket> {
  const { hostname, port } = new URL(url)
  const socket = net.connect(Number(port), hostname)
  let text = ''
  socket.on('data', (chunk) => (text += String(chunk)))
  // A connection that the server resets is closed like any other here.
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return { socket, received: () => text, closed }
}

/** The text of a POST to /graphql. `body` may be less than `length` announces. */
export function postText(body: string, length = Buffer.byteLength(body)): string {
  return `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body}`
}

/** The status codes of the answers in a connection's text, in order. */
export function statusesIn(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status))
}

/** Waits until something is so. @throws Error if it isn't within ten seconds */
export async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1_000; tries += 1) {
    if (isSo()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('It did not come to that within ten seconds.')
}
