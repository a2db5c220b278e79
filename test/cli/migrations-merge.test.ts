import { describe, expect, test } from 'vitest'
import { applyMigrations } from '../../src/schema-evolution/engine/apply-migrations.ts'
import { emptyDatabase } from '../world.ts'
import { catalogOf, chainOf, columnsApart, filesOf, models, unstamped } from './meeting-branches.ts'

describe('merge', { timeout: 120_000 }, () => {
  test('joins', async () => {
    const { ann, bob } = await columnsApart()
    console.log(await bob.git('merge', 'origin/main'))
    console.log(await bob.migrations('merge'))
    console.log(await bob.migrations('check'), await bob.migrations('heads'))
    console.log(await filesOf(bob))
    await bob.commit('joined')
    console.log(await bob.migrations('check'), await bob.migrations('lineage'))
    console.log(await bob.prisma('migrate', 'dev'))
    console.log(await bob.prisma('migrate', 'status'))
    console.log(await chainOf(bob), await bob.sql('SELECT * FROM talks'))
    await bob.git('push')
    await ann.git('pull')
    console.log(await ann.prisma('migrate', 'deploy'))
    console.log(await chainOf(ann), await ann.sql('SELECT * FROM talks'))
    const url = await emptyDatabase()
    await applyMigrations({ url, migrationsFolder: bob.migrationsFolder })
    expect(await catalogOf(url)).toBe(await catalogOf(ann.url))
    expect(await catalogOf(url)).toBe(await catalogOf(bob.url))
    console.log(await bob.prisma('migrate', 'dev', '--create-only', '--name', 'next'))
    console.log(await bob.migrations('check'), await bob.migrations('heads'))
    void [models, unstamped]
  })
})
