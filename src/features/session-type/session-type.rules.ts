import { heading, type TextRule } from '../../text.ts'

/** What the texts of a session type may hold, whoever writes them. */
export const sessionTypeTexts = { name: heading } as const satisfies Record<string, TextRule>

/** What is wrong with how long sessions of a type usually take, in words for the person who sent it; null if nothing is. */
export function faultOfDuration(minutes: number): string | null {
  return minutes < 1 || minutes > aWeek ? 'must be 1 to 10,080 minutes.' : null
}

const aWeek = 7 * 24 * 60
