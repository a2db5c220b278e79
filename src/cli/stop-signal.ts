/**
 * Resolves with the first SIGINT or SIGTERM. Later ones do nothing: Ctrl-C reaches this process twice, from the
 * terminal and from npm, and stopping takes seconds at most.
 */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.on('SIGINT', resolve)
    process.on('SIGTERM', resolve)
  })
}
