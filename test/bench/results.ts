import type { Workload } from './workloads.ts'

/** What one round came to. */
export interface Measured {
  readonly rps?: number
  /** Processor time of the server for an answer, in milliseconds. */
  readonly cpuMs?: number
  /** The same of PostgreSQL. */
  readonly databaseCpuMs?: number | undefined
  readonly p50Ms?: number
  readonly p99Ms?: number
  /** Resident memory of the server afterwards, in megabytes. */
  readonly rssMb?: number
  readonly failed?: number
  readonly coldStartMs?: number
}

/** Medians of all rounds. */
export interface Result extends Measured {
  /** SQL statements of one request; undefined: it was a mix. */
  readonly statements?: number
  /** How far the fastest round is from the slowest, as a part of the median. */
  readonly spread: number
}

export function resultOf(all: readonly Measured[], statements: number | undefined): Result {
  const names = Object.keys(all[0]!) as (keyof Measured)[]
  const valuesOf = (name: keyof Measured) =>
    all.map((one) => one[name]).filter((value) => value !== undefined)
  const medians = names.map((name) => [name, rounded(median(valuesOf(name)))])
  const main = valuesOf(names[0]!)
  const spread = rounded((Math.max(...main) - Math.min(...main)) / median(main))
  // Its names are those of Measured.
  const result = Object.fromEntries(medians) as Measured
  return { ...result, spread, ...(statements === undefined ? {} : { statements }) }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

const rounded = (value: number) => (value >= 100 ? Math.round(value) : Number(value.toPrecision(3)))

const columns = [
  ['rps', 'requests/s'],
  ['spread', 'spread'],
  ['cpuMs', 'CPU ms'],
  ['databaseCpuMs', 'DB CPU ms'],
  ['p50Ms', 'p50 ms'],
  ['p99Ms', 'p99 ms'],
  ['rssMb', 'RSS MB'],
  ['statements', 'SQL'],
  ['failed', 'failed'],
] as const

/** A table for each kind of work, with what each reaches of the floor and of PostGraphile. */
export function printTable(
  say: (line: string) => void,
  results: Readonly<Record<string, Readonly<Record<string, Result>>>>,
  workloads: readonly Workload[],
): void {
  const right = (text: string) => text.padStart(11)
  for (const { name, title, connections } of workloads) {
    const byContestant = results[name] ?? {}
    say(`\n${name}: ${title}; ${connections} connections`)
    const heads = [...columns.map(([, head]) => head), 'to floor', 'to postgr.']
    say(`  ${''.padEnd(14)}${heads.map(right).join('')}`)
    for (const [contestant, result] of Object.entries(byContestant)) {
      const cells = columns.map(([column]) => String(result[column] ?? '-'))
      const ratios = ['floor', 'postgraphile'].map((other) => ratio(result.rps, byContestant[other]?.rps))
      say(`  ${contestant.padEnd(14)}${[...cells, ...ratios].map(right).join('')}`)
    }
  }
  say('\nW7: from the start of the process to its first answer, the database running')
  for (const [contestant, { coldStartMs, spread }] of Object.entries(results['W7'] ?? {})) {
    say(`  ${contestant.padEnd(14)}${right(`${coldStartMs} ms`)}   spread ${spread}`)
  }
}

function ratio(value: number | undefined, other: number | undefined): string {
  return value === undefined || other === undefined ? '-' : (value / other).toFixed(2)
}
