import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { projectFolder } from '../../src/config.ts'
import { copyBuilt, program } from '../program.ts'
import type { Diagnosis } from '../../src/schema-evolution/doctor/doctor.ts'

/** This project with its migrations, as a git repository of its own that may be changed. */
export interface ProjectCopy {
  readonly folder: string
  readonly migrationsFolder: string
  /** Runs a command as somebody types it, on a database. */
  shell(command: string, databaseUrl: string): Promise<Outcome>
  /** `npm run migrations -- doctor --json`: its exit status, and what it found. */
  doctor(databaseUrl: string, ...args: string[]): Promise<{ code: number; diagnosis: Diagnosis }>
  remove(): Promise<void>
}

export interface Outcome {
  readonly code: number
  readonly out: string
  readonly problems: string
}

const parts = ['src', 'prisma', 'prisma.config.ts', 'package.json', 'tsconfig.json']

export async function copyProject(): Promise<ProjectCopy> {
  const folder = await mkdtemp(path.join(tmpdir(), 'project-copy-'))
  for (const part of parts) {
    await cp(path.join(projectFolder, part), path.join(folder, part), {
      recursive: true,
      preserveTimestamps: true,
    })
  }
  await copyBuilt(folder)
  await symlink(path.join(projectFolder, 'node_modules'), path.join(folder, 'node_modules'))
  await writeFile(path.join(folder, '.gitignore'), 'node_modules\nsrc\ndist\npackage-lock.json\n')
  const shell = (command: string, databaseUrl: string) => run(folder, command, databaseUrl)
  await shell(
    'git init --quiet --initial-branch=main && git add --all && git commit --quiet --message begin',
    '',
  )
  return {
    folder,
    migrationsFolder: path.join(folder, 'prisma/migrations'),
    shell,
    async doctor(databaseUrl, ...args) {
      const command = [`node ${program} migrations doctor --json`, ...args].join(' ')
      const { code, out, problems } = await shell(command, databaseUrl)
      if (problems !== '') throw new Error(problems)
      return { code, diagnosis: JSON.parse(out) as Diagnosis }
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

async function run(cwd: string, command: string, databaseUrl: string): Promise<Outcome> {
  const env = {
    PATH: process.env['PATH'],
    HOME: cwd,
    NO_COLOR: '1',
    DATABASE_URL: databaseUrl,
    OPEN_EVENT_DATA: path.join(cwd, '.data'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'A Developer',
    GIT_AUTHOR_EMAIL: 'developer@example.org',
    GIT_COMMITTER_NAME: 'A Developer',
    GIT_COMMITTER_EMAIL: 'developer@example.org',
    npm_config_update_notifier: 'false',
  }
  return promisify(execFile)('sh', ['-c', command], { cwd, env }).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, problems: stderr }),
    // The shape of what execFile rejects with where the command ended by itself.
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      out: error.stdout,
      problems: error.stderr,
    }),
  )
}
