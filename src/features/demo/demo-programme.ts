import type { SessionLevel, SessionState } from '../../generated/prisma/client.ts'

/** An invented programme; nobody and nothing in it is real. */
export const themes = [
  { name: 'Time', color: '#0a7d8c', description: 'Clocks, calendars and zones.' },
  { name: 'Data', color: '#8c4a0a', description: 'Keeping it, changing it, finding it again.' },
  { name: 'Community', color: '#5b2a86', description: 'The people around the code.' },
]

export const places = [
  { name: 'Great Hall', floor: 'Ground floor', capacity: 400 },
  { name: 'Workshop', floor: 'First floor', capacity: 40 },
]

export const types = [
  { name: 'Talk', durationMinutes: 45 },
  { name: 'Workshop', durationMinutes: 120 },
  { name: 'Social', durationMinutes: null },
]

export const people = [
  { name: 'Ada Mustermann', organisation: 'Institute of Invented Clocks', country: 'Germany' },
  { name: 'Bo Example', organisation: 'Sample & Sons', country: 'Sweden' },
  { name: 'Chidi Placeholder', biography: 'Writes databases in his dreams.', country: 'Nigeria' },
  { name: 'Dana Template', websiteUrl: 'https://example.org/dana', country: 'Brazil' },
]

interface DemoSession {
  readonly title: string
  readonly abstract?: string
  readonly level?: SessionLevel
  readonly state: SessionState
  readonly track: 'Time' | 'Data' | 'Community'
  readonly room: 'Great Hall' | 'Workshop' | null
  readonly type: 'Talk' | 'Workshop' | 'Social'
  readonly by: readonly string[]
  /** On the clocks of Berlin; null: no time yet. */
  readonly from: string | null
  readonly to: string | null
}

export const programme: readonly DemoSession[] = [
  {
    title: 'Opening: why every clock is wrong',
    abstract: 'A short history of disagreeing about the time.',
    level: 'BEGINNER',
    state: 'CONFIRMED',
    track: 'Time',
    room: 'Great Hall',
    type: 'Talk',
    by: ['Ada Mustermann'],
    from: '2027-03-27T10:00',
    to: '2027-03-27T10:45',
  },
  {
    title: 'A stamp that can be trusted',
    abstract: 'What it takes for "last modified" to mean what it says.',
    level: 'ADVANCED',
    state: 'CONFIRMED',
    track: 'Data',
    room: 'Great Hall',
    type: 'Talk',
    by: ['Bo Example', 'Chidi Placeholder'],
    from: '2027-03-27T11:00',
    to: '2027-03-27T11:45',
  },
  {
    title: 'Migrations without tears',
    level: 'INTERMEDIATE',
    state: 'ACCEPTED',
    track: 'Data',
    room: 'Workshop',
    type: 'Workshop',
    by: ['Chidi Placeholder'],
    from: '2027-03-27T14:00',
    to: '2027-03-27T16:00',
  },
  {
    title: 'Midnight concert',
    abstract: 'Begins on Saturday and ends on Sunday.',
    state: 'CONFIRMED',
    track: 'Community',
    room: 'Great Hall',
    type: 'Social',
    by: ['Dana Template'],
    from: '2027-03-27T23:15',
    to: '2027-03-28T00:45',
  },
  {
    title: 'The night that loses an hour',
    abstract:
      'From half past one to half past three on the clocks, which is one hour: at two they are set to three.',
    state: 'CONFIRMED',
    track: 'Time',
    room: 'Workshop',
    type: 'Social',
    by: ['Ada Mustermann', 'Dana Template'],
    from: '2027-03-28T01:30',
    to: '2027-03-28T03:30',
  },
  {
    title: 'Lightning talks',
    abstract: 'Will be placed when we know how many there are.',
    state: 'ACCEPTED',
    track: 'Community',
    room: null,
    type: 'Social',
    by: [],
    from: null,
    to: null,
  },
  {
    title: 'How we nearly deleted everything',
    abstract: 'Still being talked over; only organizers see it.',
    level: 'INTERMEDIATE',
    state: 'PENDING',
    track: 'Data',
    room: null,
    type: 'Talk',
    by: ['Bo Example'],
    from: null,
    to: null,
  },
]
