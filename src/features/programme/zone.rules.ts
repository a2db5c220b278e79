import type { Fault } from '../../interchange/read/faults.ts'
import type { StatedMoment } from '../../interchange/read/moments.ts'
import type { FoundProgramme } from '../../interchange/read/found.ts'
import { zoneCalled } from '../../interchange/read/zone-names.ts'
import { timeZoneNamed } from '../../time/time-zone.ts'

/**
 * The zone that the event is in, which wall-clock times are read in: the one that the caller names, else the file's,
 * else the stored event's, else the offset that all times of the file share.
 */
export function zoneOf(
  programme: FoundProgramme,
  given: string | null,
  stored: { readonly timeZone: string } | null,
): { readonly timeZone: string; readonly note: string | null } | Fault {
  if (given !== null) return { timeZone: timeZoneNamed(given) ?? given, note: null }
  const named = programme.event.timeZone
  if (named !== null) {
    const timeZone = zoneCalled(named.name)
    const isItsName = timeZoneNamed(named.name) !== null
    const readAs = `The file calls its time zone ${JSON.stringify(named.name)}, which is read as ${timeZone}.`
    if (timeZone !== null) return { timeZone, note: isItsName ? null : readAs }
    const reason = `${JSON.stringify(named.name)} isn't an IANA time zone.`
    return { place: named.place, reason: `${reason} Name the right one: ${zoneFlag}.` }
  }
  if (stored !== null) return { timeZone: stored.timeZone, note: null }
  const timeZone = zoneOfOffsets(programme)
  if (timeZone === null) return { place: programme.event.place, reason: zoneIsNeeded(programme) }
  const note = `The file names no time zone, only offsets, so the event is in ${timeZone}. To name it: ${zoneFlag}.`
  return { timeZone, note }
}

const zoneFlag = '--time-zone ZONE, such as --time-zone America/New_York'

/** 'Etc/GMT-1' where every time of the sessions is at +01:00 (POSIX counts the other way); null where nothing can be said. */
function zoneOfOffsets(programme: FoundProgramme): string | null {
  const moments = momentsIn(programme)
  if (moments.length === 0 || moments.some(({ kind }) => kind !== 'instant')) return null
  const offsets = new Set(moments.map((moment) => (moment.kind === 'instant' ? moment.offset : '')))
  const [hours] = [...offsets].map((offset) => (offset === 'Z' ? 0 : wholeHours(offset)))
  if (offsets.size !== 1 || hours === undefined || hours === null) return null
  return hours === 0 ? 'UTC' : `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`
}

/** null for an offset such as +05:30, which no zone under Etc has. */
function wholeHours(offset: string): number | null {
  const hours = Number(offset.slice(0, 3))
  return offset.endsWith(':00') && hours >= -12 && hours <= 14 ? hours : null
}

function zoneIsNeeded(programme: FoundProgramme): string {
  const local = programme.sessions?.find(({ startsAt }) => startsAt?.kind === 'wallClock')
  const why = local
    ? `has wall-clock times without a zone (the first at ${local.place}), and names none for the event.`
    : 'names no time zone for the event.'
  return `${why} Say which: ${zoneFlag}.`
}

function momentsIn({ sessions }: FoundProgramme): StatedMoment[] {
  return (sessions ?? []).flatMap(({ startsAt }) => (startsAt === null ? [] : [startsAt]))
}
