const nameForm = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9][A-Za-z0-9_+-]*)*$/

// What ICU alone takes for a zone, and IANA doesn't: by IST it means India, by BST Bangladesh, by AST Alaska.
const onlyOfIcu =
  /^(ACT|AET|AGT|ART|AST|BET|BST|CAT|CNT|CST|CTT|EAT|ECT|IET|IST|JST|MIT|NET|NST|PLT|PNT|PRT|PST|SST|VST|SystemV\/.*)$/i

/**
 * Whether the platform's IANA data knows the zone. Aliases count ('Asia/Calcutta'); bare offsets ('+05:30'),
 * which Intl takes as well, don't: an offset says nothing about the next clock change.
 */
export function isTimeZone(name: string): boolean {
  if (!nameForm.test(name) || onlyOfIcu.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
