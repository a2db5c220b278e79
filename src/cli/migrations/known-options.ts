/**
 * @param args as the command defines them
 * @throws RangeError for any other option, because citty ignores those and a mistyped --base would compare nothing,
 *   and for a word that belongs to no option
 */
export function onlyKnownOptions(
  args: Readonly<Record<string, { type: string; default?: unknown }>>,
  rawArgs: readonly string[],
): void {
  let isValue = false
  for (const arg of rawArgs) {
    const [, name = '', value] = /^--([^=]+)(=[^]*)?$/.exec(arg) ?? []
    const positive = name.replace(/^no-/, '')
    const isSwitchedOff = Object.hasOwn(args, positive) && args[positive]?.default === true
    const option = Object.hasOwn(args, name) ? args[name] : isSwitchedOff ? args[positive] : undefined
    if (!isValue && option === undefined) {
      throw new RangeError(
        `There is no ${arg.startsWith('-') ? `option ${arg}` : `argument "${arg}"`}; --help lists them.`,
      )
    }
    isValue = !isValue && option?.type === 'string' && value === undefined
  }
  if (isValue) throw new RangeError(`${rawArgs.at(-1)!} needs a value.`)
}
