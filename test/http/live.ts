import { once } from 'node:events'
import { createClient as createSseClient } from 'graphql-sse'
import { createClient as createWsClient } from 'graphql-ws'
import { onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { World } from '../world.ts'

/** What a subscription has brought so far. */
export interface Heard {
  // oxlint-disable-next-line typescript/no-explicit-any -- what a test asks for, it knows the shape of
  readonly results: { data?: any; errors?: readonly { message: string; extensions?: any }[] }[]
  /** How it ended; undefined: it goes on. */
  ended: 'complete' | Ending | undefined
  leave(): void
}

/** An error, or how a WebSocket was closed. */
export interface Ending {
  readonly code?: number | string
  readonly reason?: string
  readonly message?: string
}

type Follow = (world: World, query: string, options?: { variables?: object; token?: string }) => Heard

/** By the client of graphql-ws, as browsers do. */
export const overWebSocket: Follow = (world, query, { variables = {}, token } = {}) => {
  const client = createWsClient({
    url: `${world.app.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: token === undefined ? {} : { authorization: `Bearer ${token}` },
  })
  onTestFinished(() => void client.dispose())
  return listen((sink) => client.subscribe({ query, variables: { ...variables } }, sink))
}

/** By the client of graphql-sse. */
export const overEvents: Follow = (world, query, { variables = {}, token } = {}) => {
  const client = createSseClient({
    url: `${world.app.url}/graphql`,
    retryAttempts: 0,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  })
  onTestFinished(() => client.dispose())
  return listen((sink) => client.subscribe({ query, variables: { ...variables } }, sink))
}

interface Sink {
  next(result: unknown): void
  error(error: unknown): void
  complete(): void
}

function listen(subscribe: (sink: Sink) => () => void): Heard {
  const heard: Heard = { results: [], ended: undefined, leave: () => {} }
  heard.leave = subscribe({
    next: (result) => heard.results.push(result as Heard['results'][number]),
    error: (error) => {
      // Of the protocol's own errors there is a list.
      heard.ended = ([error].flat()[0] ?? {}) as Ending
    },
    complete: () => {
      heard.ended = 'complete'
    },
  })
  return heard
}

/** Server-Sent Events as they come, without a client. */
export interface RawEvents {
  readonly status: number
  readonly headers: Headers
  text: string
  isOver: boolean
  leave(): void
}

/** By GET, as EventSource does. */
export async function rawEvents(
  world: World,
  query: string,
  { variables = {}, headers = {} }: { variables?: object; headers?: Record<string, string> } = {},
): Promise<RawEvents> {
  const leaving = new AbortController()
  const search = new URLSearchParams({ query, variables: JSON.stringify(variables) })
  const response = await fetch(`${world.app.url}/graphql?${search.toString()}`, {
    headers: { accept: 'text/event-stream', 'accept-encoding': 'gzip', ...headers },
    signal: leaving.signal,
  })
  const raw: RawEvents = {
    status: response.status,
    headers: response.headers,
    text: '',
    isOver: false,
    leave: () => leaving.abort(),
  }
  onTestFinished(() => leaving.abort())
  void (async () => {
    const decoder = new TextDecoder()
    try {
      for await (const chunk of response.body!)
        raw.text += decoder.decode(chunk as Uint8Array, { stream: true })
    } catch {
      // It was left, or broken off.
    }
    raw.isOver = true
  })()
  return raw
}

/** A WebSocket on which something is followed, by the protocol's own messages, without a client. */
export async function rawWebSocket(world: World, query: string, variables: object): Promise<WebSocket> {
  const socket = new WebSocket(`${world.app.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  onTestFinished(() => socket.terminate())
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'connection_init' }))
  await once(socket, 'message')
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables } }))
  return socket
}

/** Waits until so many results have come. */
export async function heardOf(heard: Heard, count: number): Promise<Heard['results']> {
  await vi.waitUntil(() => heard.results.length >= count, { timeout: 20_000, interval: 20 })
  return heard.results
}

/** Waits until it has ended. */
export async function endOf(heard: Heard): Promise<NonNullable<Heard['ended']>> {
  await vi.waitUntil(() => heard.ended !== undefined, { timeout: 20_000, interval: 20 })
  return heard.ended!
}
