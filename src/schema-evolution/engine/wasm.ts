import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg'

/** What is used of WebAssembly. TypeScript has its types in lib.dom only, which would bring the browser along. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: Record<string, object>) => { readonly exports: object }
}

let isLoaded = false

/**
 * Prisma's own schema engine, compiled to WebAssembly. Its entry file imports the .wasm as a module, which Node
 * doesn't do, so that is done here. Loading takes about 50 ms, once a process.
 */
export function loadSchemaEngine(): typeof bindings.SchemaEngine {
  if (!isLoaded) {
    instantiate()
    isLoaded = true
  }
  return bindings.SchemaEngine
}

/** The commit of Prisma's engines that it was built from. */
export function schemaEngineVersion(): string {
  loadSchemaEngine()
  return bindings.version()
}

function instantiate(): void {
  const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm')
  const module = new WebAssembly.Module(readFileSync(join(dirname(entry), 'schema_engine_bg.wasm')))
  const { exports } = new WebAssembly.Instance(module, {
    './schema_engine_bg.js': { ...bindings, ...timersThatLetTheProcessEnd() },
  })
  catchPanics()
  bindings.__wbg_set_wasm(exports)
  // The package's types leave out the start function that its own entry file calls.
  ;(exports as { __wbindgen_start: () => void }).__wbindgen_start()
}

/**
 * The engine sets a timer of 10 s for the advisory lock and never clears it. Its own waiting is for the database, so
 * the timers needn't keep the process.
 */
function timersThatLetTheProcessEnd(): Record<string, unknown> {
  const setters = Object.entries(bindings).filter(([name]) => name.startsWith('__wbg_setTimeout'))
  const setTimer = (callback: () => void, milliseconds: number) =>
    setTimeout(callback, milliseconds >>> 0).unref()
  return Object.fromEntries(setters.map(([name]) => [name, setTimer]))
}

/** A panic leaves the caller's promise open for ever; this makes it an exception that says what happened. */
function catchPanics(): void {
  const global = globalThis as { PRISMA_WASM_PANIC_REGISTRY?: { set_message(message: string): void } }
  global.PRISMA_WASM_PANIC_REGISTRY ??= {
    set_message(message) {
      throw new Error(`The schema engine panicked: ${message}`)
    },
  }
}
