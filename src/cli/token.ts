import { runMain } from 'citty'
import { listTokensCommand } from './token/list.ts'
import { mintTokenCommand } from './token/mint.ts'
import { revokeTokenCommand } from './token/revoke.ts'
import { rotateTokenCommand } from './token/rotate.ts'

const [name = '', ...rawArgs] = process.argv.slice(2)
switch (name) {
  case 'list':
    await runMain(listTokensCommand, { rawArgs })
    break
  case 'rotate':
    await runMain(rotateTokenCommand, { rawArgs })
    break
  case 'revoke':
    await runMain(revokeTokenCommand, { rawArgs })
    break
  default:
    // Scripts that know no other command have always asked it to mint.
    await runMain(mintTokenCommand)
}
