import railsZones from 'rails-timezone'
import { findIana } from 'windows-iana'
import { timeZoneNamed } from '../../time/time-zone.ts'

/**
 * The IANA zone of the name that a file has: IANA's own, else the one that Rails has for it, which frab writes ('Eastern Time
 * (US & Canada)', 'Berlin'), or Windows, which Outlook writes ('W. Europe Standard Time').
 *
 * @returns null for any other name
 */
export function zoneCalled(name: string): string | null {
  const visible = name.replace(/[\p{Default_Ignorable_Code_Point}\p{Cc}]/gu, '')
  // Lists of Rails and of Windows have the offset before the name.
  // Calendars have the name of the registry before it: '/freeassociation.sourceforge.net/Europe/Berlin'.
  const plain = visible
    .trim()
    .replace(/^\/(?:(?=[^/]*[\d.])[\w.-]+\/)+/, '')
    .replace(/^\((?:GMT|UTC)[+-]\d{2}:\d{2}\) */, '')
  const itsOwn = timeZoneNamed(plain)
  if (itsOwn !== null) return itsOwn
  // Windows has zones that differ by territory; 001 is the world.
  const iana = railsZones.list().includes(plain) ? railsZones.from(plain) : findIana(plain, '001')[0]
  return iana === undefined ? null : timeZoneNamed(iana)
}
