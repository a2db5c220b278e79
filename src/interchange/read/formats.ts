/** What a refusal says of a file that is none of them. */
export const formats =
  'Known are Pentabarf/frab XML, schedule.json, iCalendar, the JSON of Sessionize (all data, or the grid), and the JSON ' +
  'export of Open Event Server (its folder, also as a ZIP archive, or one file).'
