import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { chromium } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createProgramme } from '../features/programme.ts'
import { createWorld } from '../world.ts'

const browserPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
)

describe('GET /graphql', () => {
  test.each([
    ['a browser that navigates', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', true],
    ['nobody in particular', '*/*', false],
    ['a client of JSON', 'application/json', false],
    ['a client that would take HTML too', 'application/json, text/html;q=0.5', false],
    ['a client of GraphQL over HTTP', 'application/graphql-response+json, application/json;q=0.9', false],
  ])('gives %s what it prefers', async (_who, accept, isPage) => {
    const { app } = await createWorld()
    const response = await fetch(`${app.url}/graphql?query={__typename}`, { headers: { accept } })
    expect(response.status).toBe(200)
    expect((await response.text()).includes('<title>Open Event GraphQL</title>')).toBe(isPage)
  })

  test('gives the page its files for good, and no file beside them', async () => {
    const { app } = await createWorld()
    const page = await (await fetch(`${app.url}/graphql`, { headers: { accept: 'text/html' } })).text()
    const script = /src="(\/graphql\/assets\/[^"]+\.js)"/.exec(page)?.[1]
    const found = await fetch(app.url + script)
    expect([found.status, found.headers.get('cache-control')]).toEqual([
      200,
      'public, max-age=31536000, immutable',
    ])
    for (const other of ['../index.html', '..%2Findex.html', '%2e%2e/%2e%2e/graphql.ts', 'nothing.js']) {
      expect((await fetch(`${app.url}/graphql/assets/${other}`)).status).toBe(404)
    }
  })
})

describe(`in a browser${browserPath === undefined ? ' (skipped: no Chromium is installed)' : ''}`, () => {
  test.skipIf(browserPath === undefined)(
    'the page runs a query, and asks no other host for anything',
    async () => {
      const world = await createWorld()
      await createProgramme(world)
      const profile = mkdtempSync(path.join(os.tmpdir(), 'open-event-browser-'))
      const browser = await chromium.launchPersistentContext(profile, {
        executablePath: browserPath!,
        headless: true,
        viewport: { width: 1400, height: 800 },
        args: [
          '--no-sandbox',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
        ],
      })
      onTestFinished(async () => {
        await browser.close()
        rmSync(profile, { recursive: true, force: true })
      })
      const page = await browser.newPage()
      const complaints: string[] = []
      const hosts = new Set<string>()
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('request', (request) =>
        hosts.add(new URL(request.url()).protocol + new URL(request.url()).host),
      )

      await page.goto(`${world.app.url}/graphql`)
      expect(await page.title()).toBe('Open Event GraphQL')
      await page.locator('.graphiql-query-editor .view-line').first().waitFor()
      await page.getByRole('button', { name: /Execute query/ }).click()
      await page.locator('.result-window', { hasText: 'Spring meeting' }).waitFor()
      expect(await page.getByRole('tab').count()).toBeGreaterThanOrEqual(4)
      if (process.env['SCREENSHOT'] !== undefined) await page.screenshot({ path: process.env['SCREENSHOT'] })
      expect(complaints).toEqual([])
      expect([...hosts].filter((host) => !host.startsWith('data:') && !host.startsWith('blob:'))).toEqual([
        `http:${new URL(world.app.url).host}`,
      ])
    },
  )
})
