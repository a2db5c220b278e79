/** What a server that reaches its database says of itself, and the status that it says it with. */
export interface Said {
  readonly status: number
  readonly body: { readonly schema: { readonly state: string; readonly message: string } }
}

/** Asks again where the answer took longer than a balancer waits, as it may on a busy machine; the test's timeout ends it. */
export async function readyz(url: string): Promise<Said> {
  for (;;) {
    const response = await fetch(`${url}/readyz`)
    const body = (await response.json()) as Partial<Said['body']> | { schema: null }
    if (body.schema != null) return { status: response.status, body: { ...body, schema: body.schema } }
  }
}
