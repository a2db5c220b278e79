/** What exports cost, in points, which are about microseconds of the server's time. */
export const pointsOfExport = 6_000
export const pointsOfSession = 40

/** What exports are written by, beside the programme: this release's writers, and the clocks of its zones. */
export const writtenBy = ['1', process.versions.tz]
