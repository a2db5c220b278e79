import { requireOperator } from '../../access/may.ts'
import { type Context, inTransaction } from '../../context.ts'
import { forgetAnswers } from '../../database/answer-once.ts'
import { notFound } from '../../errors.ts'
import { isId } from '../../paging.ts'
import { holdScheduleOfPart } from '../part/part.hold.ts'
import { allowMaintenance } from './history.retention.ts'

/** Whom an erasure would erase. */
export interface ErasablePerson {
  readonly id: string
  readonly name: string
  readonly eventSlug: string
  readonly isErased: boolean
  /** How many revisions hold something about the person. */
  readonly revisions: number
  /** The sessions whose texts, now or in their history, have the name in them: those are for people to look at. */
  readonly namedIn: readonly { readonly id: string; readonly title: string }[]
}

/** What stands where a person's data stood. */
export const erased = '(erased)'

/** @throws NOT_FOUND where there is no such speaker */
export async function erasablePerson(ctx: Context, speakerId: string): Promise<ErasablePerson> {
  requireOperator(ctx.viewer)
  const [person] = isId(speakerId)
    ? await ctx.db.$queryRaw<ErasablePerson[]>`
        SELECT s.id, s.name, e.slug AS "eventSlug", s.erased_at IS NOT NULL AS "isErased",
               (SELECT count(*)::integer FROM revisions WHERE entity = 'speaker' AND entity_id = s.id) AS revisions,
               (SELECT coalesce(jsonb_agg(jsonb_build_object('id', n.id, 'title', n.title)), '[]') FROM sessions n
                WHERE n.event_id = s.event_id AND s.erased_at IS NULL AND (
                  strpos(lower(concat_ws(' ', n.title, n.subtitle, n.abstract, n.description)), lower(s.name)) > 0
                  OR EXISTS (SELECT FROM revisions r WHERE r.entity = 'session' AND r.entity_id = n.id
                               AND strpos(lower(r.before::text || r.after::text), lower(s.name)) > 0)
                )) AS "namedIn"
        FROM speakers s JOIN events e ON e.id = s.event_id WHERE s.id = ${speakerId}::uuid`
    : []
  if (person === undefined) throw notFound('speaker', speakerId)
  return person
}

/**
 * Erases a person's data from the speaker, from its history, from invitations, from what webhooks were told, and from the
 * answers that are kept for retries. The speaker leaves every list; that there was one, and when what changed, stays.
 *
 * @throws NOT_FOUND where there is no such speaker
 */
export async function eraseSpeaker(ctx: Context, speakerId: string): Promise<ErasablePerson> {
  return inTransaction(
    ctx,
    async (tx) => {
      await holdScheduleOfPart(tx, 'SPEAKER', speakerId)
      const person = await erasablePerson(tx, speakerId)
      await tx.db.$executeRaw`
        UPDATE speakers SET name = ${erased}, biography = NULL, organisation = NULL, country = NULL, photo_url = NULL,
                            website_url = NULL, links = '[]', available_from = '{}', available_until = '{}', user_id = NULL, erased_at = ${tx.clock()},
                            deleted_at = coalesce(deleted_at, ${tx.clock()})
        WHERE id = ${person.id}::uuid`
      await tx.db.$executeRaw`UPDATE invitations SET email = ${erased} WHERE speaker_id = ${person.id}::uuid`
      // What a file said of the person; that it named somebody, and by which id, stays.
      await tx.db.$executeRaw`UPDATE imported_rows SET values = '{}' WHERE row_id = ${person.id}::uuid`
      await allowMaintenance(tx)
      // Which values changed stays; what they were doesn't. `source_id` says which entry of which file it was, no more.
      await tx.db.$executeRaw`
        UPDATE revisions SET before = without_person(before), after = without_person(after)
        WHERE entity = 'speaker' AND entity_id = ${person.id}::uuid`
      // What webhooks were told, and what they said to it; messages that wait are told what is there when they are sent.
      await tx.db.$executeRaw`
        UPDATE webhook_deliveries SET request = NULL, response = NULL WHERE lane = ${person.id}::uuid`
      await forgetAnswers(tx.db)
      return person
    },
    { timeout: 600_000 },
  )
}
