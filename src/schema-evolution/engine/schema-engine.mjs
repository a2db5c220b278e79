#!/usr/bin/env node
// What PRISMA_SCHEMA_ENGINE_BINARY names and Prisma's CLI executes. JavaScript, because the kernel hands the file
// to a bare Node, which reads TypeScript by itself only from 22.18 on; tsx costs about 0.1 s a start elsewhere.
if (!process.features.typescript) {
  const { register } = await import('tsx/esm/api')
  register()
}
const { runBridge } = await import('./bridge.ts')
await runBridge(process.argv.slice(2), process.env.NATIVE_SCHEMA_ENGINE)
