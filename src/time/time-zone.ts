import { remembering } from '../remembering.ts'

const nameForm = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9][A-Za-z0-9_+-]*)*$/

/** IANA's longest name has 32 characters. */
const maxLength = 50

// What ICU alone takes for a zone, and IANA doesn't: by IST it means India, by BST Bangladesh, by AST Alaska.
const onlyOfIcu =
  /^(ACT|AET|AGT|ART|AST|BET|BST|CAT|CNT|CST|CTT|EAT|ECT|IET|IST|JST|MIT|NET|NST|PLT|PNT|PRT|PST|SST|VST|SystemV\/.*)$/i

/**
 * The name of a zone in the case that IANA writes it in: 'europe/berlin' is 'Europe/Berlin'. Aliases stay what they are
 * ('Asia/Calcutta'). Bare offsets ('+05:30'), which Intl takes as well, are no zones: an offset says nothing about the
 * next clock change.
 *
 * @returns null if the platform's IANA data doesn't know the zone
 */
export function timeZoneNamed(name: string): string | null {
  return name.length <= maxLength ? knownZone(name) : null
}

/** Whether the platform's IANA data knows the zone, in whichever case. */
export function isTimeZone(name: string): boolean {
  return timeZoneNamed(name) !== null
}

// Asking Intl takes a fifth of a millisecond. There are 600 names, aliases included.
const knownZone = remembering(1000, (name): string | null => {
  if (!nameForm.test(name) || onlyOfIcu.test(name)) return null
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
  } catch {
    return null
  }
  return platformNames.get(name.toLowerCase()) ?? inIanaCase(name)
})

const platformNames = new Map(Intl.supportedValuesOf('timeZone').map((name) => [name.toLowerCase(), name]))

/** The platform lists no aliases, so their case comes from the pattern that IANA's names follow, and its exceptions. */
function inIanaCase(name: string): string {
  const [area, ...places] = capitalized(name).split('/') as [string, ...string[]]
  if (places.length === 0) {
    const isAbbreviation = (area.length <= 3 || /[-+\d]/.test(area)) && area !== 'Gb-Eire'
    return isAbbreviation ? area.toUpperCase() : (exceptions.get(area) ?? area)
  }
  if (area === 'Etc') {
    return `Etc/${places.map((word) => (/^(Greenwich|Universal|Zulu)$/.test(word) ? word : word.toUpperCase())).join('/')}`
  }
  return [area, ...places].map((word) => exceptions.get(word) ?? word).join('/')
}

const exceptions = new Map(
  [
    ...['US', 'GB-Eire', 'ACT', 'LHI', 'NSW', 'Knox_IN', 'McMurdo', 'DumontDUrville', 'ComodRivadavia'],
    ...['DeNoronha', 'EasterIsland', 'BajaNorte', 'BajaSur', 'Isle_of_Man', 'Dar_es_Salaam', 'Port_of_Spain'],
    'Port-au-Prince',
  ].map((name) => [capitalized(name), name]),
)

/** 'ISLE_OF_MAN' -> 'Isle_Of_Man' */
function capitalized(name: string): string {
  return name.toLowerCase().replace(/(^|[/_-])[a-z]/g, (first) => first.toUpperCase())
}
