/** How the durations of one file are read. */
export interface DurationReading {
  /** @returns minutes, with a fraction where there are seconds; or in words what is wrong */
  minutesOf(text: string): number | string
  /** What a person should know of how they are read, a sentence each; none if there is but one way to read them. */
  readonly notes: readonly string[]
  /** How long the event is, in minutes. */
  readonly longest: number
}

/**
 * Finds the one way to read all durations of a file that makes most of them sensible: at least five whole minutes, no
 * longer than the event, and not all of them longer than half a day. '0:20:00' could be 20 minutes or 20 hours, and '30:00'
 * 30 hours or 30 minutes; what else stands in the file tells, because one program wrote all of it.
 *
 * Read are '45' and '2700', 'HH:MM' and 'MM:SS', 'HH:MM:SS' and 'D:HH:MM' (as pretalx writes it), '1h 30min', '1.5h', and
 * those of ISO 8601, 'PT1H30M'. '1.5' and '0.75' are hours, if all numbers without a colon can be.
 *
 * @param longest how long the event is, in minutes
 */
export function durationReading(texts: readonly string[], longest: number): DurationReading {
  const all = texts
    .map(partsOf)
    .filter((parts) => parts !== null)
    .filter((parts) => parts.some((part) => part > 0))
  const isPossible = (minutes: number | null): minutes is number =>
    minutes !== null && minutes >= 5 && minutes <= Math.max(longest, aDay)
  const isSensible = (minutes: number | null) => isPossible(minutes) && Number.isInteger(minutes)
  const notes: string[] = []
  const together = waysTogether(all, isSensible)
  const choose = (count: 1 | 2 | 3): Way => {
    const values = all.filter(({ length }) => length === count)
    const [usual, other] = waysFor(count, all)
    const isLong = ({ minutes }: Way) => values.map((parts) => (minutes(parts) ?? 0) > halfADay)
    const score = (way: Way) => {
      // One session may take half a day or more, and all of them can't.
      if (values.length > 1 && isLong(way).every(Boolean)) return 0
      return values.filter((parts) => isSensible(way.minutes(parts))).length
    }
    const alone = score(other) > score(usual) ? other : usual
    const chosen = together?.find((way) => way === usual || way === other) ?? alone
    const rest = chosen === usual ? other : usual
    const isReadable = values.every((parts) => rest.minutes(parts) !== null)
    const isNearlyAsGood = values.every((parts) => isPossible(rest.minutes(parts)))
    const isDoubtful = isNearlyAsGood && [usual, other].flatMap(isLong).includes(true)
    const isOpen = values.length > 0 && isReadable && (score(usual) === score(other) || isDoubtful)
    if (chosen === other || isOpen) notes.push(noteOf(values, chosen, isOpen ? rest : null))
    return chosen
  }
  const ways = { 1: choose(1), 2: choose(2), 3: choose(3) }

  return {
    ...{ notes, longest },
    minutesOf(text) {
      const parts = partsOf(text)
      // A form has one to three parts.
      const count = parts?.length as 1 | 2 | 3 | undefined
      const minutes = count === undefined ? inWords(text) : ways[count].minutes(parts!)
      return (
        minutes ??
        `${JSON.stringify(text)} isn't a duration such as 00:45, 1:30 or 1:12:00 (a day and a half).`
      )
    },
  }
}

/** A way to read durations of so many parts. */
interface Way {
  readonly name: string
  /** null for what can't be read so. */
  readonly minutes: (parts: readonly number[]) => number | null
}

const minutesAlone: Way = {
  name: 'minutes',
  minutes: ([minutes]) => (Number.isInteger(minutes) ? minutes! : null),
}
const secondsAlone: Way = { name: 'seconds', minutes: ([seconds]) => seconds! / 60 }
/**
 * Of '1.30' nobody knows whether it is 1:30 or 1:18, and of 10 beside it whether it is minutes: only quarters are read as
 * hours, in a file that has nothing else.
 */
function hoursAlone(numbers: readonly number[]): Way {
  const areHours = numbers.every(
    (hours) => Number.isInteger(hours * 4) && (!Number.isInteger(hours) || hours < 5),
  )
  return { name: 'hours', minutes: ([hours]) => (areHours ? hours! * 60 : null) }
}
const hoursAndMinutes: Way = {
  name: 'hours and minutes',
  minutes: ([hours, minutes]) => (minutes! < 60 || hours === 0 ? hours! * 60 + minutes! : null),
}
const minutesAndSeconds: Way = {
  name: 'minutes and seconds',
  minutes: ([minutes, seconds]) => (seconds! < 60 ? minutes! + seconds! / 60 : null),
}
const hoursMinutesSeconds: Way = {
  name: 'hours, minutes and seconds',
  minutes: ([hours, minutes, seconds]) =>
    minutes! < 60 && seconds! < 60 ? hours! * 60 + minutes! + seconds! / 60 : null,
}
const daysHoursMinutes: Way = {
  name: 'days, hours and minutes',
  minutes: ([days, hours, minutes]) =>
    hours! < 24 && minutes! < 60 ? (days! * 24 + hours!) * 60 + minutes! : null,
}

/** The usual way first. */
function waysFor(count: 1 | 2 | 3, all: readonly (readonly number[])[]): readonly [Way, Way] {
  if (count === 1) {
    const numbers = all.flatMap((parts) => (parts.length === 1 ? parts : []))
    return [minutesAlone, numbers.every(Number.isInteger) ? secondsAlone : hoursAlone(numbers)]
  }
  if (count === 2) return [hoursAndMinutes, minutesAndSeconds]
  // Who writes hours and minutes elsewhere, writes a third part for days, of which there is at least one.
  const hasShorter = all.some(({ length }) => length === 2)
  const hasDays = all.every(([first, ...others]) => others.length < 2 || first! > 0)
  return hasShorter && hasDays
    ? [daysHoursMinutes, hoursMinutesSeconds]
    : [hoursMinutesSeconds, daysHoursMinutes]
}

/**
 * Where durations of two parts and of three stand side by side, one program wrote both: hours and minutes, with days before
 * them, else minutes and seconds, with hours before them. Null if the file isn't so.
 */
function waysTogether(
  all: readonly (readonly number[])[],
  isSensible: (minutes: number | null) => boolean,
): readonly [Way, Way] | null {
  const [two, three] = [2, 3].map((count) => all.filter(({ length }) => length === count))
  if (two!.length === 0 || three!.length === 0) return null
  const score = ([ofTwo, ofThree]: readonly [Way, Way]) =>
    two!.filter((parts) => isSensible(ofTwo.minutes(parts))).length +
    three!.filter((parts) => isSensible(ofThree.minutes(parts))).length
  const both: readonly (readonly [Way, Way])[] = [
    [hoursAndMinutes, daysHoursMinutes],
    [minutesAndSeconds, hoursMinutesSeconds],
    [hoursAndMinutes, hoursMinutesSeconds],
  ]
  return both.reduce((best, other) => (score(other) > score(best) ? other : best))
}

function noteOf(values: readonly (readonly number[])[], chosen: Way, other: Way | null): string {
  const [first, ...others] = values
  const example = first!
    .map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0')))
    .join(':')
  const which =
    others.length === 0 ? `The duration ${example} is` : `${values.length} durations such as ${example} are`
  const doubt =
    other === null ? '' : ` It could also be ${other.name}: look whether the ends of the sessions are right.`
  return `${which} read as ${chosen.name}.${doubt}`
}

/** The numbers between the colons, of which one alone may have a fraction; null for any other text. */
function partsOf(text: string): number[] | null {
  // Full-width digits and colons are what they look like.
  const plain = text
    .normalize('NFKC')
    .trim()
    .replace(/(\d)\.0+$/, '$1')
  if (/^\d{1,2}[.,]\d{1,2}$/.test(plain)) return [Number(plain.replace(',', '.'))]
  return /^\d{1,5}(:\d{1,2}){0,2}$/.test(plain) ? plain.split(':').map(Number) : null
}

/** '1h 30min', '90 minutes', '1.5 hours', '1h30', 'P1DT2H', 'PT45M30S', and '1 day, 2:30:00', as Python writes it */
function inWords(text: string): number | null {
  const [, itsDays, clock] = /^(\d{1,3}) days?, (\d{1,2}:\d{2}:\d{2})$/.exec(text.trim()) ?? []
  if (clock !== undefined)
    return Number(itsDays) * aDay + hoursMinutesSeconds.minutes(clock.split(':').map(Number))!
  const parts = wordForm.exec(text.trim())?.slice(1)
  if (parts === undefined || parts.every((part) => part === undefined)) return null
  const [days, hours, minutesAfterHours, minutes, seconds] = parts.map((part) => {
    return Number(part?.replace(',', '.') ?? 0)
  }) as [number, number, number, number, number]
  return days * aDay + hours * 60 + minutesAfterHours + minutes + seconds / 60
}

const wordForm = new RegExp(
  [
    String.raw`^P?(?:(NUMBER)\s*d(?:ays?)?)?\s*T?`,
    String.raw`(?:(NUMBER)\s*h(?:(?:ou)?rs?)?(?:\s*(\d{1,2})(?=$))?)?\s*`,
    String.raw`(?:(NUMBER)\s*m(?:in(?:ute)?s?)?)?\s*(?:(NUMBER)\s*s(?:ec(?:ond)?s?)?)?$`,
  ]
    .join('')
    .replaceAll('NUMBER', String.raw`\d{1,5}(?:[.,]\d{1,3})?`),
  'i',
)

const aDay = 24 * 60
const halfADay = aDay / 2
