import type { FormattedExecutionResult } from 'graphql'

/** The `data` of an answer that is JSON text already. */
export class JsonData {
  readonly text: string
  /** Whether it is longer than it may be; the text is then empty. */
  readonly isCut: boolean

  constructor(text: string, isCut = false) {
    this.text = text
    this.isCut = isCut
  }
}

/** An answer as it is sent. */
export function answerText(result: FormattedExecutionResult): string {
  if (!(result.data instanceof JsonData)) return `${JSON.stringify(result)}\n`
  const { data, ...others } = result
  const parts = Object.entries(others).filter(([, value]) => value !== undefined)
  const rest = parts.map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`)
  return `{"data":${data.text}${rest.join('')}}\n`
}
