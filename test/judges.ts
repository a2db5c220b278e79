import { spawnSync } from 'node:child_process'

/** Debian's Python: what is installed by `apt-get install python3-NAME` is there. */
const python3 = '/usr/bin/python3'

/**
 * What a Python script prints as JSON about a text that it reads from its input; null, said aloud, if one of the modules that
 * it needs isn't installed.
 */
export function judgedByPython(script: string, input: string, modules: readonly string[]): unknown {
  const found = spawnSync(python3, ['-c', `import ${modules.join(', ')}`])
  if (found.status !== 0) {
    // oxlint-disable-next-line no-console -- who runs the tests is told that nothing was judged
    console.warn(`Not judged: no ${modules.join(', ')} for ${python3}. Debian has them as python3-NAME.`)
    return null
  }
  const { status, stdout, stderr } = spawnSync(python3, ['-c', script], { input, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as unknown
}
