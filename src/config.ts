import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { type Network, networkFrom } from './addresses.ts'
import { urlOf } from './text.ts'

/** What the environment says about how to run; parsed once, at the start. */
export interface Config {
  readonly port: number
  readonly host: string
  /** null: the embedded PostgreSQL. */
  readonly databaseUrl: string | null
  /** Where the embedded PostgreSQL keeps its data; an absolute path. */
  readonly dataFolder: string
  /** Whether pending migrations are applied at the start. Always so for the embedded PostgreSQL. */
  readonly migrateOnStart: boolean
  /** The OpenID Connect issuer that signs people in; null: nobody can sign in, there are tokens only. */
  readonly oidc: { readonly issuer: string; readonly audience: string } | null
  /** The proxies in front, whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly Network[]
  readonly httpLimits: { readonly connections?: number; readonly connectionsPerAddress?: number }
  /** How many subscriptions there may be. */
  readonly liveLimits: { readonly perAddress?: number; readonly perViewer?: number }
  /** Points a minute; 0: no limit. */
  readonly rateLimits: { readonly perAddress?: number; readonly perUser?: number; readonly perToken?: number }
  /** Where Prometheus finds /metrics; null: nowhere. */
  readonly metrics: { readonly host: string; readonly port: number } | null
  /** The file that lists the trusted documents (null: this project's own list), and whether no others are answered. */
  readonly trustedDocuments: { readonly file: string | null; readonly isTrustedOnly: boolean }
  /** Whether the OTEL_ variables ask for traces; what else they say is read by OpenTelemetry itself. */
  readonly traces: boolean
  /** Whether queries are compiled to statements where that can be; otherwise resolvers answer all of them. */
  readonly compiledReads: boolean
  /** What answers may take that are kept in memory to be given again; 0: none are. */
  readonly hotAnswerBytes: number
  /** How webhooks are sent: where they may go besides the public internet. */
  readonly webhooks: { readonly allowed: readonly Network[] }
  readonly logLevel: LogLevel
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const wholeNumber = (least: number) =>
  z
    .string()
    .refine(
      (text) => /^\d{1,12}$/.test(text) && Number(text) >= least,
      `must be a whole number, ${least} or more`,
    )
    .transform(Number)

const portNumber = z
  .string()
  .refine((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65535, 'must be a port number, 0 to 65535')
  .transform(Number)

const hostName = z
  .string()
  .refine((text) => /^[\w.:-]+$/.test(text), 'must be a host name or an IP address to listen on')

const httpAddress = z
  .string()
  .refine(
    (text) => /^https?:$/.test(urlOf(text)?.protocol ?? ''),
    'must be an address such as http://localhost:4318',
  )

const otlpProtocol = z.literal('http/json', 'must be http/json: traces are sent as JSON by HTTP')

const networks = z
  .string()
  .default('')
  .transform((text) => text.split(/[\s,]+/).filter(Boolean))
  .refine(
    (texts) => texts.every((text) => networkFrom(text) !== null),
    'must be addresses or networks, such as 10.0.0.0/8, separated by commas',
  )

const environment = z
  .object({
    PORT: portNumber.default(4000),
    HOST: hostName.default('localhost'),
    METRICS_PORT: portNumber.optional(),
    METRICS_HOST: hostName.default('localhost'),
    DATABASE_URL: z
      .string()
      .refine(isPostgresUrl, 'must look like postgresql://USER:PASSWORD@HOST:PORT/DATABASE?schema=SCHEMA')
      .optional(),
    OPEN_EVENT_DATA: z.string().optional(),
    MIGRATE_ON_START: z.enum(['true', 'false'], 'must be true or false').default('false'),
    OIDC_ISSUER: z
      .string()
      .refine(isIssuer, 'must be the https address of an OpenID Connect issuer')
      .optional(),
    OIDC_AUDIENCE: z.string().optional(),
    TRUSTED_PROXIES: networks,
    WEBHOOK_NETWORKS: networks,
    MAX_CONNECTIONS: wholeNumber(1).optional(),
    MAX_CONNECTIONS_PER_ADDRESS: wholeNumber(1).optional(),
    MAX_SUBSCRIPTIONS_PER_ADDRESS: wholeNumber(1).optional(),
    MAX_SUBSCRIPTIONS_PER_USER: wholeNumber(1).optional(),
    RATE_LIMIT_PER_ADDRESS: wholeNumber(0).optional(),
    RATE_LIMIT_PER_USER: wholeNumber(0).optional(),
    RATE_LIMIT_PER_TOKEN: wholeNumber(0).optional(),
    TRUSTED_DOCUMENTS: z.string().optional(),
    TRUSTED_DOCUMENTS_ONLY: z.enum(['true', 'false'], 'must be true or false').default('false'),
    OTEL_SDK_DISABLED: z.string().default('false'),
    OTEL_TRACES_EXPORTER: z
      .enum(['otlp', 'none'], 'must be otlp or none: traces are sent by OTLP only')
      .optional(),
    OTEL_EXPORTER_OTLP_ENDPOINT: httpAddress.optional(),
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: httpAddress.optional(),
    OTEL_EXPORTER_OTLP_PROTOCOL: otlpProtocol.optional(),
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: otlpProtocol.optional(),
    COMPILED_READS: z.enum(['on', 'off'], 'must be on or off').default('on'),
    HOT_ANSWERS_MEGABYTES: wholeNumber(0).default(32),
    LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
  })
  .refine(({ OIDC_ISSUER, OIDC_AUDIENCE }) => (OIDC_ISSUER === undefined) === (OIDC_AUDIENCE === undefined), {
    path: ['OIDC_AUDIENCE'],
    message: 'and OIDC_ISSUER are set both, or neither',
    when: () => true,
  })

/**
 * @throws ConfigError that lists every variable that is wrong, not just the first. An empty variable counts as
 *   not set. Values are never repeated: one of them may be a password.
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const result = environment.safeParse(present)
  if (!result.success) {
    const faults = result.error.issues.map((issue) => `  ${issue.path.join('.')} ${issue.message}`)
    throw new ConfigError(`The environment is not right:\n${faults.join('\n')}`)
  }
  const { PORT, HOST, DATABASE_URL, OPEN_EVENT_DATA, MIGRATE_ON_START, LOG_LEVEL } = result.data
  const { OIDC_ISSUER, OIDC_AUDIENCE, TRUSTED_PROXIES } = result.data
  return {
    port: PORT,
    host: HOST,
    databaseUrl: DATABASE_URL ?? null,
    dataFolder: dataFolder({ OPEN_EVENT_DATA }),
    migrateOnStart: MIGRATE_ON_START === 'true' || DATABASE_URL === undefined,
    oidc: OIDC_ISSUER && OIDC_AUDIENCE ? { issuer: OIDC_ISSUER, audience: OIDC_AUDIENCE } : null,
    trustedProxies: TRUSTED_PROXIES.map((text) => networkFrom(text)!),
    httpLimits: given({
      connections: result.data.MAX_CONNECTIONS,
      connectionsPerAddress: result.data.MAX_CONNECTIONS_PER_ADDRESS,
    }),
    liveLimits: given({
      perAddress: result.data.MAX_SUBSCRIPTIONS_PER_ADDRESS,
      perViewer: result.data.MAX_SUBSCRIPTIONS_PER_USER,
    }),
    rateLimits: given({
      perAddress: result.data.RATE_LIMIT_PER_ADDRESS,
      perUser: result.data.RATE_LIMIT_PER_USER,
      perToken: result.data.RATE_LIMIT_PER_TOKEN,
    }),
    metrics:
      result.data.METRICS_PORT === undefined
        ? null
        : { host: result.data.METRICS_HOST, port: result.data.METRICS_PORT },
    trustedDocuments: {
      file: result.data.TRUSTED_DOCUMENTS ?? null,
      isTrustedOnly: result.data.TRUSTED_DOCUMENTS_ONLY === 'true',
    },
    traces: wantsTraces(result.data),
    compiledReads: result.data.COMPILED_READS === 'on',
    hotAnswerBytes: result.data.HOT_ANSWERS_MEGABYTES * 1_048_576,
    webhooks: { allowed: result.data.WEBHOOK_NETWORKS.map((text) => networkFrom(text)!) },
    logLevel: LOG_LEVEL,
  }
}

/** As OpenTelemetry says, but for its default: nobody who set nothing sends anything. */
function wantsTraces(settings: z.output<typeof environment>): boolean {
  const { OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER: exporter } = settings
  const endpoint = settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? settings.OTEL_EXPORTER_OTLP_ENDPOINT
  if (OTEL_SDK_DISABLED.toLowerCase() === 'true' || exporter === 'none') return false
  return exporter === 'otlp' || endpoint !== undefined
}

/** The settings that are set: the others have defaults where they are used. */
function given<Name extends string>(
  settings: Record<Name, number | undefined>,
): Partial<Record<Name, number>> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Partial<
    Record<Name, number>
  >
}

/** The folder of package.json. */
export const projectFolder = fileURLToPath(new URL('..', import.meta.url))

/** What the program reads beside its code lies here, by the same paths in both: `src`, or `dist` if it runs as built. */
export const programFolder = fileURLToPath(new URL('.', import.meta.url))

/**
 * Where the embedded PostgreSQL keeps its data: OPEN_EVENT_DATA, or `.data` in the project. Installed as a package, in the
 * working folder: npm replaces the package's own with the next version.
 */
export function dataFolder(env: { readonly OPEN_EVENT_DATA?: string | undefined }): string {
  const isInstalled = projectFolder.split(path.sep).includes('node_modules')
  return path.resolve(env.OPEN_EVENT_DATA || path.join(isInstalled ? '' : projectFolder, '.data'))
}

/** The folder of the migrations that this build came with. */
export const migrationsFolder = path.join(projectFolder, 'prisma', 'migrations')

/** Plain http is good enough on one's own machine, for trying. */
function isIssuer(text: string): boolean {
  const { protocol, hostname = '' } = urlOf(text) ?? {}
  return (
    protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname))
  )
}

function isPostgresUrl(text: string): boolean {
  const { protocol, pathname = '' } = urlOf(text) ?? {}
  return (protocol === 'postgresql:' || protocol === 'postgres:') && pathname.length > 1
}
