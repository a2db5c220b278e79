import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'

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
  plugins: [compressedBeside()],
  // Rolldown warns of every "use client" in React's libraries, which mean nothing here.
  logLevel: 'error',
})

/** Megabytes are compressed once here, rather than by the server for everybody who asks for them. */
function compressedBeside(): Plugin {
  return {
    name: 'compressed-beside',
    writeBundle({ dir }) {
      const assets = path.join(dir!, 'assets')
      for (const name of readdirSync(assets).filter((one) => /\.(js|css)$/.test(one))) {
        const file = path.join(assets, name)
        const bytes = readFileSync(file)
        writeFileSync(
          `${file}.br`,
          brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
        )
        writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
      }
    },
  }
}
