const nameForm = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9][A-Za-z0-9_+-]*)*$/

/**
 * Whether the platform's IANA data knows the zone. Aliases count ('Asia/Calcutta'); bare offsets ('+05:30'),
 * which Intl takes as well, don't: an offset says nothing about the next clock change.
 */
export function isTimeZone(name: string): boolean {
  if (!nameForm.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
