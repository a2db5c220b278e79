import { jsonList, jsonObject } from '../../compiled/json-rows.ts'
import type { Twin, TypeTwins } from '../../compiled/twin.ts'
import type { Context } from '../../context.ts'
import { linkKinds } from '../../links.ts'

/** As `linksIn`. */
export const linksTwin: Twin<Context> = jsonList({ url: 'text!', title: 'text', kind: 'text' })

/** As `venueIn`. */
export const venueTwin: Twin<Context> = jsonObject({
  ...{ name: 'text', address: 'text', latitude: 'numeric', longitude: 'numeric' },
})

export const linkTwins: TypeTwins<Context> = {
  kind: ({ scope, text }) => {
    const kind = scope.column('kind')
    const words = linkKinds.map((word) => `'${word}'`).join(', ')
    text.add('"').sql(`CASE WHEN ${kind} IN (${words}) THEN ${kind} ELSE 'OTHER' END`).add('"')
  },
}
