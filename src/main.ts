import { createApp } from './app.ts'
import { explain } from './cli/explain.ts'
import { stopSignal } from './cli/stop-signal.ts'
import { prepareTrial } from './cli/trial.ts'
import { welcome } from './cli/welcome.ts'
import { readConfig } from './config.ts'
import { locateDatabase } from './database/locate.ts'
import { createLog } from './log.ts'

/** `npm start`: the server, from the environment to the last drained request. */
void explain(async () => {
  const config = readConfig(process.env)
  const log = createLog(config.logLevel)
  // Whoever waited for it has been answered, and everybody else is not to pay for it.
  process.on('unhandledRejection', (err) => log.error({ err }, 'something failed that nobody waited for'))
  const stopped = stopSignal()
  const stopping = new AbortController()
  void stopped.then(() => stopping.abort())
  const located = await locateDatabase(config)
  try {
    await using _claim = await located.claim((line) => log.warn(line))
    const { signal } = stopping
    const trialToken = located.isEmbedded ? await prepareTrial(located.url, config, { log, signal }) : null
    const tracing = config.traces ? await (await import('./tracing/open-telemetry.ts')).startTracing() : null
    const app = await createApp({ ...config, databaseUrl: located.url, log, signal, tracing })
    process.stdout.write(welcome({ url: app.url, databaseUrl: located.url, trialToken }))
    log.info({ signal: await stopped }, 'stopping')
    await app.close()
    await tracing?.stop()
  } finally {
    await located.release()
  }
  log.info('stopped')
})
