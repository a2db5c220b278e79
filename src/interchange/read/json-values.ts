import { type ParsedElementInfo, type ParsedTokenInfo, TokenType } from '@streamparser/json'
import { ApiError } from '../../errors.ts'
import { unreadable } from './faults.ts'
import { jsonParser } from './json-parser.ts'
import { mendedText, tellLost } from './mended-text.ts'
import { type Source, textOf } from './source.ts'

export type JsonPath = readonly (string | number)[]

/**
 * Reads a JSON file as a stream: each value at one of the paths is shown when it is complete and then forgotten, so
 * that a file of any size takes the memory of one session.
 *
 * @param paths such as '$.schedule.conference.days.*.rooms.*.*'; none inside another
 * @throws BAD_USER_INPUT with line and column where the file isn't JSON
 */
export async function readJson(
  source: Source,
  paths: string[],
  visit: (value: unknown, path: JsonPath) => void,
): Promise<void> {
  const onValue = ({ value, key, stack }: ParsedElementInfo) => {
    // The stack's first element is the root, which has no key, and neither has the root as a value.
    const path = [...stack.slice(1).map((container) => container.key!), ...(key === undefined ? [] : [key])]
    const place = spelledPath(path)
    const steps = path.map((step) => (typeof step === 'string' ? mendedText(step, place, source) : step))
    visit(mendedIn(value, place, source), steps)
  }
  await feed(source, { paths, onValue })
}

/** The value with every text in it mended, in place where it is no text itself. */
function mendedIn(value: unknown, place: string, source: Source): unknown {
  if (typeof value === 'string') {
    tellLost(value, place, source)
    return mendedText(value, place, source)
  }
  if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      const mended = mendedIn(inner, place, source)
      if (mended !== inner) Object.assign(value, { [key]: mended })
    }
  }
  return value
}

/** The root of a JSON file: whether it is a list, and its keys where it is an object, read until there are enough. */
export async function rootOf(
  source: Source,
  isEnough: (keys: readonly string[]) => boolean = () => false,
): Promise<{ readonly isList: boolean; readonly keys: readonly string[] }> {
  const keys: string[] = []
  let isList: boolean | null = null
  let depth = 0
  let lastText = ''
  const look: Looking['look'] = ({ token, value }) => {
    isList ??= token === TokenType.LEFT_BRACKET
    if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) depth += 1
    else if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) depth -= 1
    else if (token === TokenType.STRING && depth === 1) lastText = String(value)
    else if (token === TokenType.COLON && depth === 1) keys.push(lastText)
    return isList || isEnough(keys) ? 'stop' : 'go on'
  }
  await feed({ name: source.name, bytes: source.bytes }, { look })
  return { isList: isList ?? false, keys }
}

/**
 * The lists of a JSON file that have objects of a certain kind in them, each once.
 *
 * @param isOfKind tells by an object's keys
 * @returns such as 'schedule.days[].talks'
 */
export async function listsOf(
  source: Source,
  isOfKind: (keys: readonly string[]) => boolean,
): Promise<readonly string[]> {
  const found = new Set<string>()
  const open: { readonly isList: boolean; readonly keys: string[] }[] = []
  let lastText = ''
  const look: Looking['look'] = ({ token, value }) => {
    if (token === TokenType.STRING) lastText = String(value)
    else if (token === TokenType.COLON) open.at(-1)!.keys.push(lastText)
    else if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) {
      open.push({ isList: token === TokenType.LEFT_BRACKET, keys: [] })
    } else if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) {
      const { keys } = open.pop()!
      if (open.at(-1)?.isList && isOfKind(keys)) found.add(spelledSteps(open.slice(0, -1)))
    }
    return 'go on'
  }
  await feed({ name: source.name, bytes: source.bytes }, { look })
  return [...found]
}

function spelledSteps(
  open: readonly { readonly isList: boolean; readonly keys: readonly string[] }[],
): string {
  return open.reduce((text, { isList, keys }) => {
    return isList ? `${text}[]` : [text, keys.at(-1)].filter(Boolean).join('.')
  }, '')
}

interface Looking {
  readonly paths: string[]
  readonly onValue: (value: ParsedElementInfo) => void
  /** Is shown each token, and says whether it has seen enough. */
  readonly look: (token: ParsedTokenInfo) => 'go on' | 'stop'
}

async function feed(
  source: Source,
  { paths = ['$.nothing.of.it'], onValue = () => {}, look = () => 'go on' }: Partial<Looking>,
): Promise<void> {
  const lines = lineCounter()
  let lastToken = 0
  let mayStop = false
  const onToken = (token: ParsedTokenInfo) => {
    lastToken = token.offset
    mayStop ||= look(token) === 'stop'
  }
  const onError = (error: Error) => {
    // The parser reports an error once more when the report throws.
    if (error instanceof ApiError) throw error
    const position = Number(/absolute position "(\d+)"/.exec(error.message)?.[1] ?? lastToken)
    throw unreadable(`${source.name} ${lines.placeOf(position)}`, `isn't JSON: ${inWords(error)}.`, error)
  }
  const parser = jsonParser(paths, { onToken, onValue, onError })
  for await (const text of textOf(source)) {
    const bytes = Buffer.from(text)
    lines.add(bytes)
    parser.write(bytes)
    if (mayStop) return
  }
  parser.end()
}

/** 'schedule.conference.days[0].rooms["Main hall"][3]' */
export function spelledPath(path: JsonPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    if (!/^[A-Za-z_$][\w$-]*$/.test(step)) return `${text}[${JSON.stringify(step)}]`
    return text === '' ? step : `${text}.${step}`
  }, '')
}

/** The parser's message without its inner states. */
function inWords(error: Error): string {
  if (/mid-parsing|middle of a token/.test(error.message)) return 'it ends too early'
  const unexpected = error.message.replace(/ at chunk position [^]*| in state [^]*/, '')
  return unexpected.replace(/^Unexpected (?:[A-Z_]+ \((.*)\)|(.*))$/s, 'unexpected $1$2')
}

/** Knows the line of each byte that went by. */
function lineCounter() {
  const starts = [0]
  let length = 0
  return {
    add(bytes: Buffer): void {
      for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) starts.push(length + at + 1)
      length += bytes.length
    },
    placeOf(position: number): string {
      const line = starts.findLastIndex((start) => start <= position)
      return `line ${line + 1}, column ${position - starts[line]! + 1}`
    },
  }
}
