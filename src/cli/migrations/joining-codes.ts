/** How `rebase` and `merge` end where something is left to do, for scripts. */
export const joiningCodes = {
  mergeFirst: 20,
  replayFailed: 21,
  differs: 22,
  databaseInTheWay: 23,
  orderMatters: 24,
  inTheWay: 25,
} as const
