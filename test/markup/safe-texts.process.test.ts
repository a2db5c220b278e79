import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { chromium } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { createProgramme } from '../features/programme.ts'
import { createWorld } from '../world.ts'
import { hostileHtml, hostileMarkdown } from './hostile-html.ts'

const browserPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
)

test.skipIf(browserPath === undefined)(
  `hostile texts do nothing in a browser that shows them${browserPath === undefined ? ' (skipped: no Chromium is installed)' : ''}`,
  async () => {
    const world = await createWorld()
    const { eventId } = await createProgramme(world)
    const texts = [
      ...hostileHtml.map((text) => ({ text, textFormat: 'HTML' as const })),
      ...[...hostileHtml, ...hostileMarkdown].map((text) => ({ text, textFormat: 'MARKDOWN' as const })),
      ...hostileHtml.map((text) => ({ text, textFormat: 'PLAIN' as const })),
    ]
    await world.operator.db.session.createMany({
      data: texts.map(({ text, textFormat }, index) => ({
        ...{ eventId, textFormat, state: 'CONFIRMED' as const },
        title: String(index).padStart(4, '0'),
        abstract: text,
      })),
    })
    const shown: { title: string; abstractHtml: string; abstractText: string }[] = []
    for (let after: string | null = null; ;) {
      const { data, errors } = await world.ask(
        `query ($after: String) { event(slug: "spring") {
          sessions(first: 100, after: $after, orderBy: { field: TITLE }) {
            nodes { title abstractHtml abstractText } pageInfo { endCursor hasNextPage } } } }`,
        { after },
      )
      expect(errors).toBeUndefined()
      const { nodes, pageInfo } = data.event.sessions
      shown.push(...nodes)
      if (!pageInfo.hasNextPage) break
      after = pageInfo.endCursor
    }
    expect(shown).toHaveLength(texts.length)

    const profile = mkdtempSync(path.join(os.tmpdir(), 'open-event-browser-'))
    const browser = await chromium.launchPersistentContext(profile, {
      executablePath: browserPath!,
      headless: true,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    })
    onTestFinished(async () => {
      await browser.close()
      rmSync(profile, { recursive: true, force: true })
    })
    const page = await browser.newPage()
    const asked: string[] = []
    await page.route('**/*', (route) => {
      const url = route.request().url()
      if (url === 'https://page.example/') {
        return route.fulfill({
          contentType: 'text/html; charset=utf-8',
          body: '<!doctype html><main></main>',
        })
      }
      asked.push(url)
      return route.fulfill({ contentType: 'text/javascript', body: 'hit()' })
    })
    await page.goto('https://page.example/')

    // What a page shows, moved over and clicked; the control shows that hits would be seen.
    /* oxlint-disable typescript/no-explicit-any -- the page's own world has no types here */
    const look = (htmls: string[]) =>
      page.evaluate(async (all) => {
        const window = globalThis as unknown as {
          hit: () => void
          document: any
          Event: any
          MouseEvent: any
        }
        let hits = 0
        window.hit = () => void (hits += 1)
        const found: { hits: number; tags: string[]; attributes: string[]; links: string[] }[] = []
        for (const html of all) {
          hits = 0
          const main = window.document.createElement('main')
          window.document.body.replaceChildren(main)
          main.innerHTML = html
          const elements = [...main.querySelectorAll('*')]
          for (const element of elements) {
            element.addEventListener('click', (event: any) => {
              if (/^(https?|mailto):/i.test(element.getAttribute('href') ?? '')) event.preventDefault()
            })
            for (const type of ['mouseover', 'pointerenter', 'click', 'focus', 'animationstart']) {
              element.dispatchEvent(new window.MouseEvent(type, { bubbles: true, cancelable: true }))
            }
          }
          await new Promise((resolve) => setTimeout(resolve, 20))
          found.push({
            hits,
            tags: [...new Set(elements.map((element: any) => element.localName as string))],
            attributes: [
              ...new Set(elements.flatMap((element: any) => [...element.getAttributeNames()] as string[])),
            ],
            links: elements.flatMap((element: any) => element.getAttribute('href') ?? []),
          })
        }
        return found
      }, htmls)
    /* oxlint-enable typescript/no-explicit-any */
    // The control: what is harmful is seen to be, as soon as the machine has the time.
    const control = () => look(['<img src=x onerror=hit()>', '<p onclick=hit()>p</p>'])
    await expect
      .poll(async () => (await control()).map(({ hits }) => hits), { timeout: 30_000 })
      .toEqual([1, 1])
    asked.length = 0

    const seen = await look(shown.map(({ abstractHtml }) => abstractHtml))
    await page.waitForTimeout(200)
    const harmful = seen.flatMap(({ hits }, index) => (hits > 0 ? [texts[index]] : []))
    expect(harmful).toEqual([])
    expect(asked).toEqual([])
    expect(page.url()).toBe('https://page.example/')
    const attributes = [...new Set(seen.flatMap((one) => one.attributes))].toSorted()
    expect(
      attributes.filter((name) => !['href', 'title', 'rel', 'start', 'colspan', 'rowspan'].includes(name)),
    ).toEqual([])
    expect(seen.flatMap(({ links }) => links).filter((link) => !/^(https?:\/\/|mailto:)/.test(link))).toEqual(
      [],
    )
    const tags = new Set(seen.flatMap((one) => one.tags))
    for (const tag of [
      'script',
      'style',
      'img',
      'svg',
      'math',
      'iframe',
      'form',
      'input',
      'base',
      'meta',
      'link',
    ]) {
      expect([tag, tags.has(tag)]).toEqual([tag, false])
    }
    // Plain text is shown as it was written.
    const plain = shown.slice(-hostileHtml.length)
    expect(plain.map(({ abstractText }) => abstractText)).toEqual(hostileHtml)
  },
)
