import { execFileSync } from 'node:child_process'
import { projectFolder } from '../src/config.ts'

/** Once before all tests of the project `processes`: what they start is built, of the sources that are there. */
export default function buildProgram(): void {
  execFileSync(process.execPath, ['--import', 'tsx', 'src/cli/build.ts'], {
    cwd: projectFolder,
    stdio: 'inherit',
  })
}
