import { parserLoaded } from './parser.ts'

// For commands. A server imports the parser where it needs it, because its one script can't wait here.
await parserLoaded

export * from './parser.ts'
