import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { networkFrom } from '../../src/addresses.ts'
import type { Answer } from '../world.ts'

/** Webhooks may go to this machine, and a message that failed is tried again soon. */
export const nearby = {
  allowed: [networkFrom('127.0.0.0/8')!],
  timeout: 1_000,
  delays: [50, 50, 50, 50, 50, 50, 50, 50, 50],
}

/** A message as a receiver got it. */
export interface Received {
  readonly id: string
  readonly headers: Record<string, string>
  readonly body: string
  // oxlint-disable-next-line typescript/no-explicit-any -- what a test asks for, it knows the shape of
  readonly json: any
}

export interface Receiver {
  readonly url: string
  readonly received: Received[]
  /** Those that were answered 2xx, once each, in their order. */
  taken(): Received[]
  /** What is answered: a status, or nothing at all. */
  answer: (message: Received) => number | 'hang' | { status: number; headers: Record<string, string> }
}

/** Something that webhooks can be sent to. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const taken = new Map<string, Received>()
  const receiver: Receiver = {
    url: '',
    received,
    answer: () => 204,
    taken: () => [...taken.values()],
  }
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      const headers = request.headers as Record<string, string>
      const message = { id: headers['webhook-id']!, headers, body, json: JSON.parse(body) as unknown }
      received.push(message)
      const answer = receiver.answer(message)
      if (answer === 'hang') return
      const { status, headers: more } = typeof answer === 'number' ? { status: answer, headers: {} } : answer
      if (status < 300 && !taken.has(message.id)) taken.set(message.id, message)
      response.writeHead(status, more).end(status === 204 ? undefined : `status ${status}`)
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return Object.assign(receiver, { url: `http://127.0.0.1:${port}/hook` })
}

/** Waits until something holds. */
export async function until(holds: () => unknown, seconds = 20): Promise<void> {
  for (const end = Date.now() + seconds * 1_000; !(await holds());) {
    if (Date.now() > end) throw new Error(`Waited ${seconds} seconds for: ${holds.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

export type Ask = (query: string, variables?: object) => Promise<Answer>

/** Makes a webhook by the API. */
export async function addWebhook(ask: Ask, input: object): Promise<{ id: string; secret: string }> {
  const { data, errors } = await ask(
    `mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { secret webhook { id } } }`,
    { input: { label: 'test', ...input } },
  )
  if (errors !== undefined) throw new Error(JSON.stringify(errors))
  return { secret: data.createWebhook.secret, id: data.createWebhook.webhook.id }
}
