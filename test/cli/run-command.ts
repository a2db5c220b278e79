import { spawn } from 'node:child_process'
import { projectFolder } from '../../src/config.ts'
import { program } from '../program.ts'

/** What a command printed, and how it ended. */
export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly problems: string
}

/** Runs one of our commands as a user would. @param command `import`: what `npm run import` runs */
export async function runCommand(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  const child = spawn(process.execPath, [program, command, ...args], {
    cwd: projectFolder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const code = new Promise<number | null>((resolve) => child.on('close', resolve))
  const [out, problems] = await Promise.all([textOf(child.stdout), textOf(child.stderr)])
  return { code: await code, out, problems }
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return text
}
