import { createInterface } from 'node:readline/promises'

/** Nobody is there to be asked, and nothing says that it is meant. */
export class NotConfirmed extends Error {
  override readonly name = 'NotConfirmed'
}

/**
 * Whether what was just described is to be done.
 *
 * @param isMeant whether `--yes` says so already
 * @throws NotConfirmed where nobody sits at a terminal to be asked
 */
export async function confirmed(isMeant: boolean): Promise<boolean> {
  if (isMeant) return true
  if (!process.stdin.isTTY) throw new NotConfirmed('Nothing was done. Add --yes to do it.')
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await terminal.question('Do it? (yes/no) ')
  terminal.close()
  return answer.trim().toLowerCase() === 'yes'
}
