import type { Progress } from '../features/programme/report.ts'

/** What a person sees while an import runs. */
export interface ProgressLine {
  reading(bytes: number): void
  importing(progress: Progress): void
  /** Takes the line away, so that what follows stands alone. */
  end(): void
}

/**
 * On a terminal one line that is rewritten; elsewhere one line a step, as it ended, so that a log stays short.
 *
 * @param isDryRun whether what is written is taken back, which then isn't called writing
 */
export function progressLine(stream: NodeJS.WriteStream, { isDryRun }: { isDryRun: boolean }): ProgressLine {
  let step = ''
  let unshown: string | null = null
  let lastShown = 0
  const write = (text: string) => {
    unshown = null
    lastShown = Date.now()
    stream.write(stream.isTTY ? `\r\u001B[2K${text}` : `${text}\n`)
  }
  const finishStep = () => void (unshown !== null && write(unshown))
  const show = (nextStep: string, text: string) => {
    if (nextStep !== step) finishStep()
    step = nextStep
    unshown = text
    // Twenty times a second is more than the eye can follow.
    if (stream.isTTY && Date.now() - lastShown >= 50) write(text)
  }
  return {
    reading: (bytes) => show('reading', `reading: ${sizeOf(bytes)}`),
    importing: ({ step: name, done, total }) => {
      const label = name === 'writing sessions' && isDryRun ? 'rehearsing sessions' : name
      show(name, total === 0 ? label : `${label}: ${done} of ${total}`)
    },
    end() {
      finishStep()
      if (stream.isTTY && step !== '') stream.write('\r\u001B[2K')
      step = ''
    },
  }
}

/** '830 bytes', '12 kB', '1.2 MB' */
function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}
