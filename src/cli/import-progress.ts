import type { Progress } from '../features/programme/report.ts'

/** What a person sees while an import runs. */
export interface ProgressLine {
  reading(bytes: number): void
  importing(progress: Progress): void
  /** Takes the line away, so that what follows stands alone. */
  end(): void
}

/** On a terminal one line that is rewritten; elsewhere one line a step, so that a log stays short. */
export function progressLine(stream: NodeJS.WriteStream): ProgressLine {
  let lastStep = ''
  let lastShown = 0
  const show = (step: string, text: string, isLast: boolean) => {
    const isNew = step !== lastStep
    lastStep = step
    if (!stream.isTTY) {
      if (isNew || isLast) stream.write(`${text}\n`)
      return
    }
    // Twenty times a second is more than the eye can follow.
    if (!isNew && !isLast && Date.now() - lastShown < 50) return
    lastShown = Date.now()
    stream.write(`\r\u001B[2K${text}`)
  }
  return {
    reading: (bytes) => show('reading', `reading: ${(bytes / 1e6).toFixed(1)} MB`, false),
    importing: ({ step, done, total }) => {
      show(step, total === 0 ? step : `${step}: ${done} of ${total}`, total > 0 && done === total)
    },
    end: () => void (stream.isTTY && lastStep !== '' && stream.write('\r\u001B[2K')),
  }
}
