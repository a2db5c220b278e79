import type { PeriodResolvers } from '../../generated/graphql.ts'
import { wallClockOf } from '../../time/wall-clock.ts'

export const periodFields = {
  startsAtLocal: ({ startsAt, event }, { timeZone }) => wallClockOf(startsAt, timeZone ?? event.timeZone),
  endsAtLocal: ({ endsAt, event }, { timeZone }) => wallClockOf(endsAt, timeZone ?? event.timeZone),
} satisfies PeriodResolvers
