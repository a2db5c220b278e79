/** Clients see one opaque word. */
export function closedCursor(parts: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url')
}

/** @returns what `closedCursor` was given; nothing if the text isn't what it writes */
export function openCursor(cursor: string): unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(parsed) && closedCursor(parsed) === cursor ? parsed : []
  } catch {
    return []
  }
}
