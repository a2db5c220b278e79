import { spawnSync } from 'node:child_process'

/** Debian's Python: what is installed by `apt-get install python3-NAME` is there. */
const python3 = '/usr/bin/python3'

/** Python that judges a text. */
export interface Judge {
  /** Debian's packages that it needs. */
  readonly packages: string
  /** Fails if they aren't installed; imports json and sys, too. */
  readonly imports: string
  /** Prints as JSON what it finds in `text`. */
  readonly script: string
}

/** What a judge prints about a text; null, said aloud, if what it needs isn't installed. */
export function judgedByPython(judge: Judge, input: string): unknown {
  return judgedEachByPython(judge, [input])?.[0] ?? null
}

/** What a judge prints about each of the texts; in one process; null as above. */
export function judgedEachByPython(
  { packages, imports, script }: Judge,
  inputs: readonly string[],
): unknown[] | null {
  if (spawnSync(python3, ['-c', imports]).status !== 0) {
    // oxlint-disable-next-line no-console -- who runs the tests is told that nothing was judged
    console.warn(`Not judged: ${python3} needs ${packages} of Debian.`)
    return null
  }
  const each = `
import json, os, sys
script = compile(${JSON.stringify(script)}, 'judge', 'exec')
for text in json.loads(sys.stdin.buffer.read()):
    exec(script)`
  const { status, stdout, stderr } = spawnSync(python3, ['-c', `${imports}\n${each}`], {
    input: JSON.stringify(inputs),
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  })
  if (status !== 0) throw new Error(stderr)
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
}
