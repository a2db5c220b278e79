import type { Finding } from '../files/finding.ts'
import { remedies } from '../check/lineage-check.ts'
import type { Verdict } from '../database/verdict.ts'
import { runSql } from './examination.ts'
import type { Migrating } from './holder.ts'

/** Who is at it right now; then what is pending may be so for a moment only. */
export function runningFindings(migrating: Migrating | null): Finding[] {
  if (migrating === null) return []
  const { pid, application, since, state, query, waitsOn, blockers } = migrating
  const who = `process ${pid}${application && ` of ${application}`}`
  const doing = query === '' ? '' : ` It is ${state ?? 'at'}: ${query}`
  const waiting = waitsOn === null ? '' : ` It waits (${waitsOn})`
  const others = blockers.map(
    (other) => `process ${other.pid} of ${other.application || 'somebody'} (${other.query})`,
  )
  return [
    {
      severity: 'warning',
      code: 'running',
      message: `Migrations are being applied by the database's ${who}, since ${since.toISOString()}.${doing}`,
      ...(waiting === ''
        ? {}
        : { cause: `${waiting.trim()}${others.length > 0 ? ` for ${others.join(', ')}` : ''}.` }),
      migrations: [],
      remedy:
        blockers.length > 0
          ? `Wait, or end what is in its way: ${runSql(`SELECT pg_terminate_backend(${blockers[0]!.pid})`)}`
          : `Wait for it. If it hangs, end it: ${runSql(`SELECT pg_terminate_backend(${pid})`)}`,
    },
  ]
}

/** What isn't applied, and why not. */
export function pendingFindings({ pending, late, applied, unknown, failed }: Verdict): Finding[] {
  if (pending.length === 0) return []
  const last = applied.at(-1)
  if (unknown.length > 0) {
    return [
      {
        severity: 'error',
        code: 'diverged',
        message: `The database is of another line: it has ${unknown.join(', ')}, which isn't here, and lacks ${pending.join(', ')}.`,
        cause: 'Two branches were deployed to it, or this is another branch than the one that was deployed.',
        migrations: [...unknown, ...pending].sort(),
        remedy: `git fetch && git merge origin/main && ${remedies.rebase}`,
      },
    ]
  }
  const next = pending.filter((name) => !late.includes(name))
  return [
    ...late.map((name): Finding => ({
      severity: 'error',
      code: 'applied-out-of-order',
      message: `${name} isn't applied, and later ones are, up to ${last!}.`,
      cause: 'It was merged late; nobody tried it after the later ones, and from zero it runs before them.',
      migrations: [name, last!],
      remedy: remedies.rebase,
    })),
    ...(next.length === 0 ? [] : [notApplied(next, applied.length === 0 && failed.length === 0)]),
  ]
}

function notApplied(names: readonly string[], isEmpty: boolean): Finding {
  return {
    severity: 'warning',
    code: isEmpty ? 'empty' : 'pending',
    message: isEmpty
      ? `No migration is applied yet; ${names.length} are to come.`
      : `These migrations aren't applied yet: ${names.join(', ')}.`,
    cause:
      'A server of this build doesn\'t start on it. "npm run migrations -- plan" says what applying them would do.',
    migrations: names,
    remedy: remedies.deploy,
  }
}
