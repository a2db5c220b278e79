import os from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { networkFrom } from '../src/addresses.ts'
import { type Config, ConfigError, projectFolder, readConfig } from '../src/config.ts'

const defaults: Config = {
  port: 4000,
  host: 'localhost',
  databaseUrl: null,
  dataFolder: path.join(projectFolder, '.data'),
  migrateOnStart: true,
  oidc: null,
  trustedProxies: [],
  httpLimits: {},
  liveLimits: {},
  rateLimits: {},
  metrics: null,
  trustedDocuments: { file: null, isTrustedOnly: false },
  traces: false,
  compiledReads: true,
  hotAnswerBytes: 32 * 1_048_576,
  webhooks: { allowed: [] },
  logLevel: 'info',
}

describe('the environment', () => {
  test('can be empty: everything has a default', () => {
    expect(readConfig({})).toEqual(defaults)
  })

  test.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' }, true],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example/v1/traces' }, true],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, true],
    [{ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' }, false],
    [{ OTEL_SDK_DISABLED: 'true', OTEL_TRACES_EXPORTER: 'otlp' }, false],
    [{ OTEL_SERVICE_NAME: 'programme' }, false],
  ])('%j: traces are sent: %j', (env, traces) => {
    expect(readConfig(env).traces).toBe(traces)
  })

  test('counts a variable that is empty as not set', () => {
    const empty = ['PORT', 'HOST', 'DATABASE_URL', 'OPEN_EVENT_DATA', 'MIGRATE_ON_START', 'LOG_LEVEL']
    expect(readConfig(Object.fromEntries(empty.map((name) => [name, ''])))).toEqual(defaults)
  })

  test('sets what it names and leaves other variables alone', () => {
    expect(
      readConfig({
        PORT: '0',
        HOST: '::1',
        DATABASE_URL: 'postgresql://me:secret@db.example:5433/events?schema=programme',
        OPEN_EVENT_DATA: os.tmpdir(),
        MIGRATE_ON_START: 'true',
        OIDC_ISSUER: 'https://id.example/realm',
        OIDC_AUDIENCE: 'open-event',
        METRICS_PORT: '9464',
        TRUSTED_PROXIES: '10.0.0.0/8, 2001:db8::7',
        MAX_CONNECTIONS: '100',
        MAX_CONNECTIONS_PER_ADDRESS: '10',
        MAX_SUBSCRIPTIONS_PER_ADDRESS: '30',
        MAX_SUBSCRIPTIONS_PER_USER: '3',
        RATE_LIMIT_PER_ADDRESS: '1000',
        RATE_LIMIT_PER_USER: '2000',
        RATE_LIMIT_PER_TOKEN: '0',
        TRUSTED_DOCUMENTS: '/etc/documents.json',
        TRUSTED_DOCUMENTS_ONLY: 'true',
        COMPILED_READS: 'off',
        HOT_ANSWERS_MEGABYTES: '8',
        LOG_LEVEL: 'silent',
        OTEL_TRACES_EXPORTER: 'otlp',
        WEBHOOK_NETWORKS: '10.0.0.0/8',
        PATH: '/bin',
      }),
    ).toEqual({
      port: 0,
      webhooks: { allowed: [[expect.anything(), 8]] },
      traces: true,
      host: '::1',
      databaseUrl: 'postgresql://me:secret@db.example:5433/events?schema=programme',
      dataFolder: os.tmpdir(),
      migrateOnStart: true,
      oidc: { issuer: 'https://id.example/realm', audience: 'open-event' },
      trustedProxies: [networkFrom('10.0.0.0/8'), networkFrom('2001:db8::7/128')],
      httpLimits: { connections: 100, connectionsPerAddress: 10 },
      liveLimits: { perAddress: 30, perViewer: 3 },
      rateLimits: { perAddress: 1000, perUser: 2000, perToken: 0 },
      metrics: { host: 'localhost', port: 9464 },
      trustedDocuments: { file: '/etc/documents.json', isTrustedOnly: true },
      compiledReads: false,
      hotAnswerBytes: 8 * 1_048_576,
      logLevel: 'silent',
    })
  })

  test.each<[NodeJS.ProcessEnv, boolean, string]>([
    [{}, true, 'the embedded database is always migrated'],
    [{ MIGRATE_ON_START: 'false' }, true, 'the embedded database is always migrated'],
    [{ DATABASE_URL: 'postgres://h/d' }, false, 'a server is migrated only when told'],
    [
      { DATABASE_URL: 'postgres://h/d', MIGRATE_ON_START: 'false' },
      false,
      'a server is migrated only when told',
    ],
    [{ DATABASE_URL: 'postgres://h/d', MIGRATE_ON_START: 'true' }, true, 'a server is migrated when told'],
  ])('%j means migrateOnStart %s: %s', (env, expected) => {
    expect(readConfig(env).migrateOnStart).toBe(expected)
  })

  test('may name the data folder from where the process stands; it becomes absolute', () => {
    expect(readConfig({ OPEN_EVENT_DATA: 'here' }).dataFolder).toBe(path.resolve('here'))
  })

  test.each([
    ['PORT', ['65536', '-1', '4000.5', '4e3', '0x10', ' 4000', 'http', '４０００']],
    ['HOST', ['local host', 'http://localhost', 'a,b', '[::1]']],
    [
      'DATABASE_URL',
      ['events', 'mysql://h/d', 'postgresql://h', 'postgresql://h/', 'file:./dev.db', 'h:5432/d'],
    ],
    ['MIGRATE_ON_START', ['yes', '1', 'TRUE', 'true ']],
    ['TRUSTED_PROXIES', ['proxy.example', '10.0.0.0/33', '10.0.0', '::/129', '10.0.0.1;10.0.0.2', '1']],
    ['MAX_CONNECTIONS', ['0', '-1', '1.5', 'many', '1e3']],
    ['MAX_CONNECTIONS_PER_ADDRESS', ['0', 'x']],
    ['MAX_SUBSCRIPTIONS_PER_ADDRESS', ['0', 'x']],
    ['MAX_SUBSCRIPTIONS_PER_USER', ['0', 'x']],
    ['RATE_LIMIT_PER_ADDRESS', ['-1', 'off', '1.5']],
    ['LOG_LEVEL', ['verbose', 'INFO', '30']],
  ])('refuses a %s such as %j', (name, values) => {
    const accepted = values.filter((value) => !faultOf({ [name]: value }).includes(`\n  ${name} must `))
    expect(accepted).toEqual([])
  })

  test('is refused with every fault at once, and without a value: one may be a password', () => {
    const message = faultOf({
      PORT: 'port-secret',
      HOST: 'host secret',
      DATABASE_URL: 'mysql://me:url-secret@h/d',
      MIGRATE_ON_START: 'migrate-secret',
      LOG_LEVEL: 'level-secret',
    })
    expect(message).toBe(
      [
        'The environment is not right:',
        '  PORT must be a port number, 0 to 65535',
        '  HOST must be a host name or an IP address to listen on',
        '  DATABASE_URL must look like postgresql://USER:PASSWORD@HOST:PORT/DATABASE?schema=SCHEMA',
        '  MIGRATE_ON_START must be true or false',
        '  LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent',
      ].join('\n'),
    )
    expect(message).not.toContain('secret')
  })
})

function faultOf(env: NodeJS.ProcessEnv): string {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return 'no fault'
}
