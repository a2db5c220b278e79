import Ajv from 'ajv'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { uriOf } from '../src/links.ts'
import { faultOfWebAddress, isWebAddress } from '../src/text.ts'

test.each([
  ['https://example.org', 'https://example.org'],
  ['HTTPS://Example.org:443/a/../b?c=%e4#d', 'HTTPS://Example.org:443/a/../b?c=%e4#d'],
  ['http://[::1]:8080/', 'http://[::1]:8080/'],
  ['https://bücher.example/ü', 'https://xn--bcher-kva.example/%C3%BC'],
  ['https://example.org/100%', 'https://example.org/100%25'],
  ['https://example.org/?a=[1]|\\^`{}', 'https://example.org/?a=%5B1%5D%7C%5C%5E%60%7B%7D'],
  ['https://example.org/#a#ü', 'https://example.org/#a%23%C3%BC'],
])('%s is %s where an address has to be escaped', (address, escaped) => {
  expect(uriOf(address)).toBe(escaped)
})

test('every address that is kept can be escaped: ajv takes it for a URI then, and it is not escaped again', () => {
  const ajv = new Ajv.default()
  addFormats.default(ajv)
  const isUri = ajv.compile({ type: 'string', format: 'uri' })
  const rest = fc.string({
    unit: fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      fc.constantFrom('/', '?', '#', '[', ']', '@', '%', ':', 'é', '|', '\\', '^', '`', '{', '"', '<'),
      fc.constantFrom('%2', '%zz', '%41', '\u{1F570}'),
    ),
    maxLength: 30,
  })
  const address = fc
    .tuple(
      fc.constantFrom('http://', 'https://', 'HTTP://'),
      fc.constantFrom('a.example', 'é.example', '[::1]', '1.2'),
      rest,
    )
    .map((parts) => parts.join(''))
    .filter(isWebAddress)
  fc.assert(
    fc.property(address, (one) => {
      const escaped = uriOf(one)
      expect([escaped, isUri(escaped)]).toEqual([escaped, true])
      expect(uriOf(escaped)).toBe(escaped)
    }),
    { numRuns: 2_000 },
  )
})

test('an address with letters beyond ASCII is one, however many addresses were looked at before', () => {
  const looked = Array.from({ length: 20_000 }, (_, index) => isWebAddress(`https://example.org/${index}`))
  expect(looked.every(Boolean)).toBe(true)
  expect(isWebAddress('https://bücher.example/ü')).toBe(true)
})

test.each([
  ['https://example.org\\@elsewhere.example/', "isn't an absolute http(s) URL."],
  ['https://example.org\\/a', "isn't an absolute http(s) URL."],
  ['https:///example.org/a', "isn't an absolute http(s) URL."],
  ['https:////example.org', "isn't an absolute http(s) URL."],
  ['https://?example.org', "isn't an absolute http(s) URL."],
  [
    'https://@example.org/',
    'has a user name or a password in it, which everybody would be shown. Leave it out.',
  ],
  [
    'https://:@example.org/',
    'has a user name or a password in it, which everybody would be shown. Leave it out.',
  ],
  ['https://example.org/@elsewhere/\\?a=@#@', null],
])('the host of %s is where all who read it look for one, or it is refused', (address, fault) => {
  expect(faultOfWebAddress(address)).toBe(fault)
})
