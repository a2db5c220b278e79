import type { Prisma } from '../../generated/prisma/client.ts'

/** The breaks that a programme shows: nobody would look for one in a room that is gone. */
export const shownBreaks = {
  deletedAt: null,
  OR: [{ roomId: null }, { room: { deletedAt: null } }],
} satisfies Prisma.BreakWhereInput
