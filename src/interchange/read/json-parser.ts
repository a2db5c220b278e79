import { type ParsedElementInfo, type ParsedTokenInfo, Tokenizer, TokenParser } from '@streamparser/json'

interface Listeners {
  readonly onToken: (token: ParsedTokenInfo) => void
  readonly onValue: (value: ParsedElementInfo) => void
  readonly onError: (error: Error) => void
}

/** Takes JSON piece by piece. */
export interface JsonParser {
  write(bytes: Uint8Array): void
  /** To be called after the last piece. */
  end(): void
}

/**
 * Tells of the values at the paths as they are complete. A whole number that JavaScript can't tell from its neighbours, such
 * as an id of 19 digits, is a text of its digits.
 *
 * @param paths such as '$.schedule.conference.days.*.rooms.*.*'
 */
export function jsonParser(paths: string[], { onToken, onValue, onError }: Listeners): JsonParser {
  const tokenizer = new ExactTokenizer()
  const values = new TokenParser({ paths, keepStack: false })
  tokenizer.onToken = (token) => {
    onToken(token)
    values.write(token)
  }
  tokenizer.onError = onError
  tokenizer.onEnd = () => void (values.isEnded || values.end())
  values.onValue = onValue
  values.onError = (error) => tokenizer.error(error)
  values.onEnd = () => void (tokenizer.isEnded || tokenizer.end())
  return {
    write: (bytes) => tokenizer.write(bytes),
    end: () => void ((tokenizer.isEnded && values.isEnded) || tokenizer.end()),
  }
}

class ExactTokenizer extends Tokenizer {
  protected override parseNumber(digits: string): number {
    const number = Number(digits)
    if (Number.isSafeInteger(number) || !/^-?\d+$/.test(digits)) return number
    // The type says number, and the library's own advice for what is none is to keep its text.
    return digits as unknown as number
  }
}
