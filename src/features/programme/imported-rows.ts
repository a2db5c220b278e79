import type { DatabaseTransaction } from '../../database/client.ts'
import { rowOf } from '../history/history.rules.ts'
import { isSame, type PlainValues, plainValues } from './merge.ts'
import { inSlices } from './report.ts'

/** The source of programmes that are imported without a name for theirs. */
export const mainSource = 'main'

/** What one source said of a row at its last import. */
export interface ImportedRow {
  readonly values: PlainValues
  /** When an edition no longer had it; if that deleted the row, the row's `deletedAt`. */
  readonly goneAt: Date | null
}

/** All that is known of where one row came from. */
export interface Origin {
  /** By the names of the sources. */
  readonly bySource: ReadonlyMap<string, ImportedRow>
  /** What the source that is imported has called it, besides its `sourceId`. */
  readonly ids: readonly string[]
}

/** Where the rows of an event came from, by their ids. The event is one of them. */
export async function originsIn(
  db: DatabaseTransaction,
  eventId: string,
  source: string,
): Promise<ReadonlyMap<string, Origin>> {
  const rows = await db.$queryRaw<FoundOrigin[]>`
    SELECT coalesce(i.row_id, n.row_id) AS "rowId", i.source, i.values, i.gone_at AS "goneAt", n.ids
    FROM (SELECT * FROM imported_rows WHERE event_id = ${eventId}::uuid) i
    FULL JOIN (
      SELECT row_id, array_agg(source_id ORDER BY source_id) AS ids FROM source_ids
      WHERE event_id = ${eventId}::uuid AND source = ${source} GROUP BY row_id
    ) n ON n.row_id = i.row_id
    ORDER BY 1, 2`
  const origins = new Map<string, { bySource: Map<string, ImportedRow>; ids: readonly string[] }>()
  for (const { rowId, source: its, values, goneAt, ids } of rows) {
    const origin = origins.get(rowId) ?? { bySource: new Map<string, ImportedRow>(), ids: ids ?? [] }
    if (its !== null) origin.bySource.set(its, { values: values ?? {}, goneAt })
    origins.set(rowId, origin)
  }
  return origins
}

interface FoundOrigin {
  readonly rowId: string
  readonly source: string | null
  readonly values: PlainValues | null
  readonly goneAt: Date | null
  readonly ids: string[] | null
}

/** A row whose record is to be written. */
export interface RowSaid extends ImportedRow {
  readonly rowId: string
}

/** Keeps what the source says now. Renews no stamp, because it is part of no row. */
export async function keepSaid(
  db: DatabaseTransaction,
  { eventId, source }: { readonly eventId: string; readonly source: string },
  said: readonly RowSaid[],
): Promise<void> {
  for (const slice of inSlices(said)) {
    const rows = JSON.stringify(
      slice.map(({ rowId, values, goneAt }) => ({ row_id: rowId, values, gone_at: goneAt })),
    )
    await db.$executeRaw`
      INSERT INTO imported_rows (event_id, row_id, source, values, gone_at)
      SELECT ${eventId}::uuid, r.row_id, ${source}, r.values, r.gone_at
      FROM jsonb_to_recordset(${rows}::jsonb) AS r (row_id uuid, values jsonb, gone_at timestamptz)
      ON CONFLICT (row_id, source) DO UPDATE SET values = excluded.values, gone_at = excluded.gone_at`
  }
}

/** What has to be kept of a row; null if that is kept already. */
export function saidAnew(
  rowId: string,
  kept: ImportedRow | undefined,
  { values, goneAt }: ImportedRow,
): RowSaid | null {
  const said = { rowId, values: { ...kept?.values, ...values }, goneAt }
  return kept !== undefined && isSame(kept.values, said.values) && isSame(kept.goneAt, goneAt) ? null : said
}

/**
 * How rows were when the operator's commands wrote them last, as far as the history tells: for rows that were imported
 * before it was kept what their sources said. The history of a row that nobody else changed since has nothing.
 *
 * @returns by their ids the fields that others changed, as they were before
 */
export async function asImportedBefore(
  db: DatabaseTransaction,
  eventId: string,
): Promise<ReadonlyMap<string, PlainValues>> {
  const rows = await db.$queryRaw<{ rowId: string; before: PlainValues }[]>`
    SELECT r.entity_id AS "rowId", r.before
    FROM revisions r JOIN (
      SELECT entity, entity_id, max(version) AS version FROM revisions
      WHERE event_id = ${eventId}::uuid AND actor = 'operator' GROUP BY 1, 2
    ) imported ON imported.entity = r.entity AND imported.entity_id = r.entity_id AND r.version > imported.version
    WHERE r.event_id = ${eventId}::uuid
    ORDER BY r.entity_id, r.version DESC`
  const before = new Map<string, PlainValues>()
  for (const { rowId, before: values } of rows) {
    before.set(rowId, { ...before.get(rowId), ...plainValues(rowOf([], values)) })
  }
  return before
}
