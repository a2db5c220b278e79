import 'graphiql/setup-workers/vite'
import 'graphiql/style.css'
import './page.css'
import { GraphiQL } from 'graphiql'
import { createRoot } from 'react-dom/client'
import { readyQueries } from './ready-queries.ts'

/** The API answers at the address of the page itself, wherever it is mounted. */
async function fetcher(request: object, options?: { headers?: Record<string, string> }): Promise<object> {
  const response = await fetch(location.pathname, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...options?.headers },
    body: JSON.stringify(request),
  })
  return (await response.json()) as object
}

createRoot(document.getElementById('page')!).render(
  <GraphiQL fetcher={fetcher} defaultTabs={readyQueries} shouldPersistHeaders={false} />,
)
