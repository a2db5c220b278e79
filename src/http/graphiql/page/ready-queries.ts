/** The tabs that a visitor finds at the first visit; later the browser keeps what was made of them. */
export const readyQueries = [
  {
    query: `# Open Event GraphQL. Run a query by the button or Ctrl-Enter; the book on the left explains every field.
# More queries are in the other tabs.

query Events {
  events(first: 10) {
    totalCount
    nodes {
      slug
      name
      timeZone
      startsAt
      startsAtLocal
    }
  }
}
`,
  },
  {
    query: `# A page of the schedule, on the clocks of the event and of a visitor elsewhere.

query Schedule($slug: String!, $visitor: TimeZone!) {
  event(slug: $slug) {
    name
    timeZone
    sessions(first: 100) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        title
        startsAt
        here: startsAtLocal
        there: startsAtLocal(timeZone: $visitor)
        room { name }
        track { name color }
        speakers { name }
      }
    }
  }
}
`,
    variables: '{\n  "slug": "demo-conference",\n  "visitor": "Asia/Kolkata"\n}',
  },
  {
    query: `# What has changed since an instant. Read all pages: ask again with endCursor as "after" while hasNextPage is true.
# The next time, ask from ten minutes before the largest lastModifiedAt that you have seen, and pass over the versions that
# you have: a change that takes long is seen after others with later stamps. What was deleted or hidden isn't listed.
# sessionChanges tells all of it, each change once.

query ChangedSince($slug: String!, $since: DateTime!, $after: String) {
  event(slug: $slug) {
    sessions(
      filter: { lastModifiedAt: { gte: $since } }
      orderBy: { field: LAST_MODIFIED_AT }
      first: 200
      after: $after
    ) {
      pageInfo { hasNextPage endCursor }
      nodes { id title lastModifiedAt version }
    }
  }
}
`,
    variables: '{\n  "slug": "demo-conference",\n  "since": "2026-01-01T00:00:00Z",\n  "after": null\n}',
  },
  {
    query: `# A change needs the token of an organizer: put the one that "npm start" printed into the tab "Headers" below.

mutation NewSession($input: CreateSessionInput!) {
  createSession(input: $input) {
    session {
      id
      title
      startsAt
      version
      lastModifiedAt
    }
  }
}
`,
    variables: `{
  "input": {
    "eventSlug": "demo-conference",
    "title": "My talk",
    "startsAtLocal": "2027-03-28T11:00"
  }
}`,
    headers: '{\n  "Authorization": "Bearer TOKEN"\n}',
  },
]
