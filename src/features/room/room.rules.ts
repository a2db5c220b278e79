import { heading, line, type TextRule } from '../../text.ts'

/** What the texts of a room may hold, whoever writes them. */
export const roomTexts = { name: heading, floor: line } as const satisfies Record<string, TextRule>
