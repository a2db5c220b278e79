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
export function judgedByPython({ packages, imports, script }: Judge, input: string): unknown {
  if (spawnSync(python3, ['-c', imports]).status !== 0) {
    // oxlint-disable-next-line no-console -- who runs the tests is told that nothing was judged
    console.warn(`Not judged: ${python3} needs ${packages} of Debian.`)
    return null
  }
  const whole = `${imports}\ntext = sys.stdin.buffer.read().decode()\n${script}`
  const { status, stdout, stderr } = spawnSync(python3, ['-c', whole], { input, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as unknown
}
