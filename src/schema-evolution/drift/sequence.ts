import pg from 'pg'

/**
 * What makes a sequence another one in its place, so that it goes on counting where it is.
 *
 * @param sequence its name, not quoted
 * @param wanted the statement that makes the other one, as `readDefinitions` tells it
 */
export function sequenceChange(sequence: string, wanted: string): string {
  const options = optionsOf(wanted)
  const given = (word: string) => new RegExp(` ${word} (\\S+)`).exec(options)?.[1]
  const step = given('INCREMENT BY') ?? '1'
  const [least, most] = [given('MINVALUE'), given('MAXVALUE')]
  const start = given('START') ?? (step.startsWith('-') ? (most ?? '-1') : (least ?? '1'))
  return [
    `ALTER SEQUENCE ${pg.escapeIdentifier(sequence)} AS ${given('AS') ?? 'bigint'} INCREMENT BY ${step}`,
    least === undefined ? 'NO MINVALUE' : `MINVALUE ${least}`,
    most === undefined ? 'NO MAXVALUE' : `MAXVALUE ${most}`,
    `START ${start} CACHE ${given('CACHE') ?? '1'}`,
    / CYCLE\b/.test(options) ? 'CYCLE' : 'NO CYCLE',
    `OWNED BY ${ownerOf(options) ?? 'NONE'}`,
  ].join(' ')
}

/** The statement that makes it before there is a column that it belongs to. */
export function sequenceAlone(definition: string): string {
  const owner = ownerOf(optionsOf(definition))
  return owner === undefined ? definition : definition.slice(0, -` OWNED BY ${owner}`.length)
}

/** What stays the same when it is renamed. */
export function optionsOf(definition: string): string {
  return definition.replace(/^CREATE SEQUENCE (?:"(?:[^"]|"")*"|\S+)/, '')
}

function ownerOf(options: string): string | undefined {
  return / OWNED BY (.*)$/s.exec(options)?.[1]
}
