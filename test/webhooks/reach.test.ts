import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { networkFrom } from '../../src/addresses.ts'
import { answerAtMost, post, type PostOptions, type Resolve } from '../../src/webhooks/post.ts'
import { faultOfUrl } from '../../src/webhooks/reach.ts'
import { delayAfter, retryAfter, usualDelays } from '../../src/webhooks/retries.ts'

/** Addresses of our side of the wall, in all the ways in which they can be written. */
const hosts = [
  ...[
    '127.0.0.1',
    '127.1',
    '127.0.1',
    '127.255.255.254',
    '0177.0.0.1',
    '0x7f.0.0.1',
    '0x7f000001',
    '2130706433',
  ],
  ...[
    '017700000001',
    '127.0.0.1.',
    '0x7F.1',
    '00000177.1',
    '%31%32%37.0.0.1',
    '１２７.0.0.1',
    '127。0。0。1',
  ],
  ...['0.0.0.0', '0', '0x0', '00', '0.1.2.3', '10.0.0.1', '10.1', '0xa.0.0.1', '012.0.0.1', '167772161'],
  ...['172.16.0.1', '172.31.255.255', '192.168.1.1', '0300.0250.1.1', '3232235777', '169.254.169.254'],
  ...['2852039166', '0xa9fea9fe', '0251.0376.0251.0376', '169.254.1', '100.64.0.1', '100.100.100.200'],
  ...[
    '168.63.129.16',
    '192.0.0.192',
    '192.0.2.1',
    '192.88.99.1',
    '198.18.0.1',
    '198.51.100.7',
    '203.0.113.9',
  ],
  ...['224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255', '192.175.48.1', '192.52.193.1'],
  ...['[::]', '[::1]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::ffff:10.0.0.1]'],
  ...['[::ffff:0:127.0.0.1]', '[::127.0.0.1]', '[::7f00:1]', '[64:ff9b::127.0.0.1]', '[64:ff9b::a00:1]'],
  ...[
    '[64:ff9b:1::a00:1]',
    '[2002:7f00:1::]',
    '[2002:a00:1::1]',
    '[2001:0:7f00:1::]',
    '[2001:0:4136:e378::1]',
  ],
  ...['[fe80::1]', '[fec0::1]', '[fc00::1]', '[fd00:ec2::254]', '[ff02::1]', '[ff0e::1]', '[2001:db8::1]'],
  ...[
    '[3fff::1]',
    '[100::1]',
    '[5f00::1]',
    '[2001:2::1]',
    '[2001:10::1]',
    '[2620:0:1::5efe:a00:1]',
    '[4000::1]',
  ],
  ...['[2620:0:1::200:5efe:7f00:1]', '[fe80::1%25eth0]', '[::1%25lo]', '[::1]:443', '127.0.0.1:443'],
  // Zone ids, radixes mixed, zeros before, dots behind, digits of other scripts, parts that are escaped.
  ...['[fe80::1%lo]', '[::ffff:127.0.0.1%25lo]', '[ff02::1%251]', '0177.0x0.0.01', '0x7f.0.0.0x1'],
  ...['0x0000007f.0.0.1', '0000000177.0.0.1', '127.000.000.001', '127.0x00.1', '0x7f000001.', '0177.0.0.1.'],
  ...['2130706433.', '127.1.', '255.255.255.255.', '①②⑦.⓪.⓪.①', '127｡0｡0｡1', '127%2e0%2e0%2e1', '0x7f%2e1'],
  ...['0xa9.254.0xa9fe', '0251.254.169.254', '169.254.43518', '169.16689662', '172.1048577', '192.11010049'],
  ...['4294967295', '4294967296', '192.0.0.9', '192.0.0.170', '192.31.196.1', '100.127.255.255'],
  ...['[::ffff:0:10.0.0.1]', '[0:0:0:0:ffff:0:127.0.0.1]', '[0:0:0:0:0:0:127.0.0.1]', '[::2]', '[::127.1]'],
  ...['[64:ff9b::8.8.8.8]', '[64:ff9b:1::7f00:1]', '[64:ff9b:1:ffff::10.0.0.1]', '[64:ff9b:1:7f00:0:100::]'],
  ...['[2002:a9fe:a9fe::1]', '[2001:0:4136:e378:8000:63bf:80ff:fffe]', '[2001:1::1]', '[2001:20::1]'],
  ...['[2001:4:112::1]', '[2620:4f:8000::1]', '[100:0:0:1::1]', '[fd20:ce::254]', '[0100::]', '[e000::1]'],
  ...['xn--127-0.0.0.1', '127.0.0.1%00.example.org', 'example.org%40127.0.0.1', '127..0.0.1', '.127.0.0.1'],
]

describe('a webhook is refused', () => {
  test.each(hosts)('to https://%s', (host) => {
    expect(faultOfUrl(`https://${host}/`, [])).toMatch(/^must be (reachable from|an absolute address)/)
  })

  test.each([
    ['http://example.org/', /https/],
    ['ftp://example.org/', /https/],
    ['file:///etc/passwd', /https/],
    ['gopher://127.0.0.1/', /https/],
    ['javascript:alert(1)', /https/],
    ['https://user@example.org/', /user name/],
    ['https://user:pw@example.org/', /user name/],
    ['https://example.org@127.0.0.1/', /user name/],
    ['https://example.org/#x', /fragment/],
    ['https://example.org:0/', /port 0/],
    ['https://exam ple.org/', /spaces/],
    ['https://example.org/\u200b', /invisible/],
    ['https://example.org/\r\nHost: x', /spaces/],
    ['//example.org/', /absolute/],
    ['https:127.0.0.1/', /no public address/],
    ['https:\\\\127.0.0.1/', /no public address/],
    ['https://127.0.0.1\\@example.org/', /no public address/],
    ['https://@127.0.0.1/', /no public address/],
    ['https://example.org:443@127.0.0.1/', /user name/],
    ['https://example.org#@127.0.0.1/', /fragment/],
    ['https://\u00ad127.0.0.1/', /invisible/],
    ['https://127.0.0.1:80:443/', /absolute/],
    ['blob:https://127.0.0.1/', /https/],
  ])('at %j', (text, fault) => {
    expect(faultOfUrl(text, [])).toMatch(fault)
    expect(faultOfUrl(`https://example.org/${'x'.repeat(2048)}`, [])).toMatch(/2,048/)
  })
})

test('a webhook may go to public addresses, to names, and where the operator allows', () => {
  for (const host of ['example.org', '8.8.8.8', '[2606:4700::1111]', '9.9.9.9.', 'localhost.example.org']) {
    expect(faultOfUrl(`https://${host}/hook?x=1`, [])).toBeNull()
  }
  const allowed = [networkFrom('127.0.0.0/8')!]
  expect(faultOfUrl('http://127.0.0.1:8080/', allowed)).toBeNull()
  expect(faultOfUrl('https://[::ffff:127.0.0.1]/', allowed)).toBeNull()
  expect(faultOfUrl('http://10.0.0.1/', allowed)).toMatch(/no public address/)
})

/** A receiver on the loopback, with what it was sent. */
async function receiver(answer: http.RequestListener) {
  const asked: string[] = []
  const server = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    request.resume().on('end', () => answer(request, response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { asked, port: (server.address() as AddressInfo).port }
}

const send = (url: string, options: Partial<PostOptions>) =>
  post(
    { url, headers: {}, body: '{}' },
    { allowed: [], timeout: 5_000, signal: new AbortController().signal, ...options },
  )

describe('what is connected to', () => {
  test('is what was checked, whatever the name means to others or a moment later', async () => {
    const { asked, port } = await receiver((_request, response) => response.end())
    for (const addresses of [
      ['127.0.0.1'],
      ['8.8.8.8', '127.0.0.1'],
      ['127.0.0.1', '8.8.8.8'],
      ['::ffff:127.0.0.1'],
      ['::1'],
      ['0.0.0.0'],
      ['64:ff9b::7f00:1'],
      ['fe80::1%lo'],
      ['::ffff:0:127.0.0.1'],
      ['::127.0.0.1'],
      ['64:ff9b:1::7f00:1'],
      ['2002:7f00:1::'],
      ['0177.0.0.1'],
      ['2130706433'],
      ['127.0.0.1.'],
      [' 127.0.0.1'],
      [''],
      [],
    ]) {
      const resolve: Resolve = async () =>
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
      const { fault, status } = await send(`https://rebinding.example:${port}/`, { resolve })
      expect([addresses, status, fault]).toEqual([
        addresses,
        null,
        expect.stringMatching(/Nothing is sent there|no address/),
      ])
    }
    // First a good address, then a bad one: a name is resolved once for each message.
    let times = 0
    const rebinding: Resolve = async () => {
      times += 1
      return [{ address: times === 1 ? '192.0.2.1' : '127.0.0.1', family: 4 }]
    }
    const allowed = [networkFrom('192.0.2.1')!]
    await send(`http://rebinding.example:${port}/`, { resolve: rebinding, allowed, timeout: 200 })
    expect(times).toBe(1)
    expect((await send(`http://rebinding.example:${port}/`, { resolve: rebinding, allowed })).fault).toMatch(
      /127\.0\.0\.1/,
    )
    expect((await send(`http://localhost:${port}/`, {})).fault).toMatch(/Nothing is sent there/)
    expect((await send(`http://127.0.0.1:${port}/`, {})).fault).toMatch(/Nothing is sent there/)
    expect(asked).toEqual([])
  })

  test('is encrypted, unless the operator allows the network', async () => {
    const { asked, port } = await receiver((_request, response) => response.end('thanks'))
    const resolve: Resolve = async () => [{ address: '127.0.0.1', family: 4 }]
    const taken = await send(`http://some.name:${port}/x`, { resolve, allowed: [networkFrom('127.0.0.1')!] })
    expect(taken).toEqual({ status: 200, answer: 'thanks', fault: null, retryAfter: null })
    const open: Resolve = async () => [{ address: '8.8.8.8', family: 4 }]
    const refused = await send('http://dns.google/', { resolve: open, allowed: [networkFrom('10.0.0.0/8')!] })
    expect(refused.fault).toMatch(/without encryption/)
    expect(asked).toEqual(['POST /x'])
  })
})

describe('an answer', () => {
  const allowed = [networkFrom('127.0.0.0/8')!]

  test.each([300, 301, 302, 303, 307, 308])(
    '%i, a redirect, is a failure, and is not followed',
    async (status) => {
      const inner = await receiver((_request, response) => response.end('secret'))
      const location = `http://127.0.0.1:${inner.port}/`
      const { asked, port } = await receiver((_request, response) =>
        response
          .writeHead(status, { location, refresh: `0; url=${location}`, 'content-location': location })
          .end(),
      )
      expect(await send(`http://127.0.0.1:${port}/`, { allowed })).toMatchObject({
        status,
        fault: `The receiver answered ${status}, and redirects are not followed.`,
      })
      expect([asked.length, inner.asked.length]).toEqual([1, 0])
    },
  )

  test('is read only as far as it is kept, and never waited for longer than allowed', async () => {
    const endless = await receiver((_request, response) => {
      response.writeHead(200)
      const write = () =>
        void (response.destroyed || (response.write('x'.repeat(9_999)), setImmediate(write)))
      write()
    })
    expect((await send(`http://127.0.0.1:${endless.port}/`, { allowed })).answer).toHaveLength(answerAtMost)
    const hanging = await receiver(() => {})
    expect(await send(`http://127.0.0.1:${hanging.port}/`, { allowed, timeout: 50 })).toMatchObject({
      status: null,
      fault: 'The receiver did not answer within 0.05 seconds.',
    })
    const stopping = AbortSignal.timeout(30)
    expect((await send(`http://127.0.0.1:${hanging.port}/`, { allowed, signal: stopping })).fault).toBe(
      'The server was stopped meanwhile.',
    )
  })

  test('puts the next try off, for ten tries over three days', async () => {
    const { port } = await receiver((_request, response) =>
      response.writeHead(503, { 'retry-after': '120' }).end('busy'),
    )
    expect(await send(`http://127.0.0.1:${port}/`, { allowed })).toMatchObject({
      status: 503,
      retryAfter: 120_000,
    })
    expect(retryAfter('Thu, 01 Jan 1970 00:01:00 GMT', 0)).toBe(60_000)
    expect(
      [retryAfter('soon', 0), retryAfter(undefined, 0), retryAfter('-1', 0)].map((ms) => ms ?? 0),
    ).toEqual([0, 0, 0])
    const waits = (random: number) =>
      Array.from({ length: 10 }, (_, tries) =>
        delayAfter(tries + 1, { delays: usualDelays, asked: null, random }),
      )
    expect(waits(0.5)).toEqual([...usualDelays, null])
    expect(usualDelays.reduce((sum, ms) => sum + ms) / 3_600_000).toBeCloseTo(70.6, 1)
    expect([waits(0)[0], waits(1)[0]]).toEqual([900, 1_100])
    const asked = (ms: number) => delayAfter(1, { delays: usualDelays, asked: ms, random: 0.5 })
    expect([asked(120_000), asked(9e9)]).toEqual([120_000, 86_400_000])
  })
})
