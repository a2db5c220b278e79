import type { FormattedExecutionResult } from 'graphql'

/** The `data` of an answer that is JSON text already. */
export class JsonData {
  readonly text: string
  constructor(text: string) {
    this.text = text
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
