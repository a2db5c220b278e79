import { once } from 'node:events'
import { keepAsking } from './ask.ts'
import { unseen } from './dear-queries.ts'

// Arguments: the port, the query. Asks until it is told to stop, then says how many answers it had.
const [port, query] = [Number(process.argv[2]), process.argv[3]!]
const attackers = Array.from({ length: 20 }, (_, index) =>
  keepAsking({ port, query: () => unseen(query), from: `127.0.1.${index + 1}` }),
)
await once(process, 'message')
const answers = await Promise.all(attackers.map((attacker) => attacker.stop()))
process.send!(answers.flat().length, () => process.disconnect())
