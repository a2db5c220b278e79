export interface WelcomeOptions {
  readonly url: string
  readonly databaseUrl: string
  /** Null where the database is somebody's own: tokens are minted on the command line there. */
  readonly trialToken: string | null
}

/** What a person needs next, printed once the server listens. */
export function welcome({ url, databaseUrl, trialToken }: WelcomeOptions): string {
  const token = trialToken ?? 'TOKEN'
  const lines = [
    '',
    `  GraphQL    ${url}/graphql   (in a browser: a page to try it)`,
    `  Health     ${url}/livez  ${url}/readyz`,
    trialToken === null ? '' : `  Database   embedded PostgreSQL, for psql: ${databaseUrl}`,
    trialToken === null
      ? '  Organizer  mint a token: npm run --silent token -- --role organizer'
      : `  Organizer  ${trialToken}   (for trying, on this machine)`,
    '',
    '  A first query:',
    '',
    `  curl -s ${url}/graphql -H 'content-type: application/json' \\`,
    `    -d '{"query":"{ events { nodes { slug name sessions(first: 3) { nodes { title startsAt startsAtLocal } } } } }"}'`,
    '',
    '  A first change, as an organizer:',
    '',
    `  curl -s ${url}/graphql -H 'content-type: application/json' -H 'authorization: Bearer ${token}' \\`,
    `    -d '{"query":"mutation { createSession(input: { eventSlug: \\"demo-conference\\", title: \\"My talk\\" }) { session { id lastModifiedAt } } }"}'`,
    '',
    '  Ctrl-C stops everything.',
    '',
  ]
  return `${lines.filter((line, index) => line !== '' || lines[index - 1] !== '').join('\n')}\n`
}
