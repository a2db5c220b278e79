/**
 * The fields whose values follow from who asks and from the programme of one event alone, so that they stay the same as
 * long as its clock does. A field that isn't here, such as one of people, invitations, tokens or the hour (currentSessions), keeps the whole
 * answer from being kept. So does `search`: of what a frequent name leads to it looks at 500 sessions, hidden ones among them,
 * whose changes aren't in the public's clock.
 */
export const keptFields: ReadonlyMap<string, ReadonlySet<string>> = fieldsOf({
  Query: 'event session speaker track room sessionType',
  Event: `breaks conflictPolicy createdAt dayStartsAt days description descriptionHtml descriptionText endsAt endsAtLocal id lastModifiedAt links logoUrl name
    programmeModifiedAt rooms
    scheduleConflicts sessionTypes sessions slug showsCanceled speakers startsAt startsAtLocal state textFormat timeZone tracks
    venue version websiteUrl`,
  Session: `abstract abstractHtml abstractText audioUrl availableTransitions canceledAt createdAt deletedAt description
    descriptionHtml descriptionText endsAt endsAtLocal event id imageUrl isLocked
    isSpeakerListLocked language lastModifiedAt level links room scheduleConflicts sessionType signupUrl slidesUrl sourceId
    speakers startsAt startsAtLocal state submittedAt subtitle textFormat title track version videoUrl`,
  Speaker: `availability biography biographyHtml biographyText country createdAt event id lastModifiedAt links name organisation photoUrl sessions sourceId
    textFormat version websiteUrl`,
  Room: 'capacity createdAt event floor id lastModifiedAt name openingHours position sessions sourceId version',
  Track: 'color createdAt description event id lastModifiedAt name position sessions sourceId version',
  SessionType: 'createdAt durationMinutes event id lastModifiedAt name position sessions sourceId version',
  Break: 'createdAt endsAt endsAtLocal event id lastModifiedAt name room startsAt startsAtLocal version',
  EventDay: 'date endsAt startsAt',
  Period: 'endsAt endsAtLocal startsAt startsAtLocal',
  ScheduleConflict: 'break endsAt kind message room sessions severity speaker startsAt',
  SessionConnection: 'edges nodes pageInfo totalCount',
  SessionEdge: 'cursor node',
  SpeakerConnection: 'edges nodes pageInfo totalCount',
  SpeakerEdge: 'cursor node',
  Link: 'kind title url',
  Venue: 'address latitude longitude name',
  PageInfo: 'endCursor hasNextPage hasPreviousPage startCursor',
})

/** The same of arguments: what a field may be given, and the fields of the objects that it is given. */
export const keptArguments: ReadonlySet<string> = wordsOf(
  'after before filter first id kinds last maxLength orderBy severities slug timeZone',
)

/** Objects that come as arguments. With a field that isn't here none of the kind is taken. */
export const keptInputs: ReadonlyMap<string, ReadonlySet<string>> = fieldsOf({
  SessionFilter: `day endsAfter endsAt heldAt ids includeCanceled includeDeleted languages lastModifiedAt levels onlyDeleted roomIds sessionTypeIds sourceIds speakerIds startsAt states text
    trackIds unscheduled`,
  SpeakerFilter: 'ids lastModifiedAt sourceIds text',
  SessionOrder: 'direction field',
  DateTimeRange: 'gt gte lt lte',
})

function fieldsOf(types: Readonly<Record<string, string>>): Map<string, ReadonlySet<string>> {
  return new Map(Object.entries(types).map(([type, names]) => [type, wordsOf(names)]))
}

function wordsOf(text: string): Set<string> {
  return new Set(text.split(/\s+/))
}
