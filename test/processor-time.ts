import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** User and system time of a process in seconds, of its children that have ended too; Linux only. */
export function processorTime(pid: number): number {
  const fields = statOf(pid)
  return [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field] ?? 0), 0) / ticksPerSecond
}

/** The same of a process and its children: PostgreSQL's first process is its parent of all. */
export function processorTimeOfTree(pid: number): number {
  const children = readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && statOf(Number(name))[1] === `${pid}`,
  )
  return children.reduce((sum, child) => sum + processorTime(Number(child)), processorTime(pid))
}

/** Resident memory in megabytes. @param what now, or the most that it ever was */
export function residentMemory(pid: number, what: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`${what}:\\s+(\\d+)`).exec(status)![1]) / 1024
}

/** Linux has had no other value for decades. */
const ticksPerSecond = 100

/** What stands behind the name in /proc/PID/stat: state, parent ...; nothing of a process that has ended. */
function statOf(pid: number): string[] {
  const file = `/proc/${pid}/stat`
  try {
    return existsSync(file) ? readFileSync(file, 'utf8').split(') ').at(-1)!.split(' ') : []
  } catch {
    return []
  }
}
