import { type Asker, gatherAskers } from './askers.ts'
import { mutationNeeds } from './needs.ts'

/** Has everybody try every mutation at an event, and gives a line for each that didn't end as the table says. */
export async function wrongOutcomes(state: 'PUBLISHED' | 'DRAFT'): Promise<string[]> {
  const scene = await gatherAskers(state)
  // Every attempt makes parts of its own, far more than an event may have.
  for (const table of ['tracks', 'rooms', 'session_types', 'breaks', 'session_speakers'])
    await scene.world.sql(`ALTER TABLE ${table} DISABLE TRIGGER bounded`)
  const wrong: string[] = []
  const askers = scene.askers.filter(isConcerned(state))
  for (const [name, attempts] of Object.entries(mutationNeeds)) {
    // All ways to use a mutation in one request, of whose changes each ends by itself.
    const tryAll = async (asker: Asker) => {
      const made = await Promise.all(Object.values(attempts).map(({ make }) => make(scene, asker)))
      const changes = made.map(({ mutation }, at) => `at${at}: ${mutation}`)
      const { errors = [] } = await asker.ask(`mutation { ${changes.join(' ')} }`)
      for (const [at, what] of Object.keys(attempts).entries()) {
        const error = errors.find(({ path }) => path === undefined || path[0] === `at${at}`)
        const came = error?.extensions.code ?? 'done'
        const { outcome } = made[at]!
        if (came !== outcome) wrong.push(`${asker.name}: ${name}, ${what}: ${came} instead of ${outcome}`)
      }
    }
    const [takenBack] = Object.values(attempts).flatMap((attempt) => attempt.takenBack ?? [])
    if (takenBack === undefined) await Promise.all(askers.map(tryAll))
    else {
      for (const asker of askers) {
        await tryAll(asker)
        await takenBack(scene)
      }
    }
  }
  return wrong
}

/** That an event is a draft makes a difference to whoever has no part in it; of the others, one is enough. */
function isConcerned(state: 'PUBLISHED' | 'DRAFT') {
  return ({ name, roles, userId }: Asker) =>
    state === 'PUBLISHED' ||
    ['owner', 'speaker', 'admin'].includes(name) ||
    (roles.length < 2 && userId !== null)
}
