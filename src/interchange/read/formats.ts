/** What a refusal says of a file that is none of them. */
export const formats =
  'Known are Pentabarf/frab XML, schedule.json, iCalendar, the JSON of Sessionize (all data, the grid, or the sessions), ' +
  'and the JSON export of Open Event Server (its folder, or one file); each in a ZIP archive, too.'
