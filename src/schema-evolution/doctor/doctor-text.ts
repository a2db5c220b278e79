import { describeFinding } from '../files/finding.ts'
import type { Diagnosis } from './doctor.ts'

/** For a terminal: the findings, the gravest first, and then a line for each area that was looked at. */
export function describeDiagnosis({ findings, looked }: Diagnosis): string {
  const width = Math.max(...looked.map(({ area }) => area.length))
  const lines = looked.map(({ area, isDone, looked: what }) => {
    const count = findings.filter((finding) => finding.area === area && finding.severity !== 'note').length
    const verdict = count > 0 ? `${count} found` : isDone ? 'in order' : 'skipped'
    return `${area.padEnd(width)}  ${verdict.padEnd(8)}  ${what}`
  })
  return [...findings.map(describeFinding), `${lines.join('\n')}\n`].join('\n')
}
