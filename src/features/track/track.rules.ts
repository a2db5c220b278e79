import { heading, prose, type TextRule } from '../../text.ts'

/** What the texts of a track may hold, whoever writes them. */
export const trackTexts = { name: heading, description: prose } as const satisfies Record<string, TextRule>
