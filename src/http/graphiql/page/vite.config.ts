import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/** `npm run generate` builds the page into src/generated, from where the server serves it without any other host. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/graphql/',
  build: {
    outDir: fileURLToPath(new URL('../../../generated/graphiql', import.meta.url)),
    emptyOutDir: true,
    chunkSizeWarningLimit: 10_000,
    reportCompressedSize: false,
  },
  worker: { format: 'es' },
  // Rolldown warns of every "use client" in React's libraries, which mean nothing here.
  logLevel: 'error',
})
