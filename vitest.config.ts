import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Vite would take graphql's ES modules for our sources while Node takes its CommonJS for everybody else's; graphql
  // refuses to run twice in one process.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/cluster.ts'],
    // A hostile zone: half an hour off, with clock changes. Nothing may depend on where the process stands.
    env: { TZ: 'America/St_Johns' },
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
