// What is left if everything is left out: node:http, pg, and one prepared statement that puts the answer together by ||.
import http from 'node:http'
import pg from 'pg'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 })
const instant = (column) =>
  `'"' || to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"'`
const text = (column) => `coalesce(to_json(${column})::text, 'null')`
const visible = `s.deleted_at IS NULL AND s.state IN ('accepted', 'confirmed')`
const place = `',"startsAt":' || ${instant('s.starts_at')} || ',"endsAt":' || ${instant('s.ends_at')} ||
  ',"track":{"name":' || ${text('t.name')} || ',"color":' || ${text('t.color')} || '},"room":{"name":' || ${text('r.name')} || '}'`
const joined = `LEFT JOIN tracks t ON t.event_id = s.event_id AND t.id = s.track_id
  LEFT JOIN rooms r ON r.event_id = s.event_id AND r.id = s.room_id`
const speakers = (second) => `',"speakers":[' || coalesce((
  SELECT string_agg('{"name":' || ${text('p.name')} || ',"${second}":' || ${text(`p.${second}`)} || '}', ',' ORDER BY l.position)
  FROM session_speakers l JOIN speakers p ON p.event_id = l.event_id AND p.id = l.speaker_id WHERE l.session_id = s.id), '') || ']'`
const event = `events e WHERE e.slug = $1 AND e.deleted_at IS NULL AND e.state = 'published'`

const statements = {
  schedule: `SELECT '{"data":{"event":{"name":' || ${text('e.name')} || ',"sessions":{"nodes":[' || coalesce((
    SELECT string_agg('{"id":"' || s.id || '","title":' || ${text('s.title')} || ${place} || ${speakers('organisation')} || '}', ','
                      ORDER BY s.starts_at, s.id)
    FROM (SELECT * FROM sessions s WHERE s.event_id = e.id AND ${visible} ORDER BY s.starts_at, s.id LIMIT 100) s ${joined}), '')
    || ']}}}}' AS answer FROM ${event}`,
  session: `SELECT '{"data":{"session":{"id":"' || s.id || '","title":' || ${text('s.title')} || ',"abstract":' || ${text('s.abstract')} ||
    ',"version":' || s.version || ${place} || ${speakers('biography')} || '}}}' AS answer
    FROM sessions s JOIN events e ON e.id = s.event_id AND e.deleted_at IS NULL AND e.state = 'published' ${joined}
    WHERE s.id = $1::uuid AND ${visible}`,
  track: `WITH page AS (SELECT s.id, s.title, s.starts_at FROM sessions s, events e WHERE e.slug = $1 AND e.state = 'published' AND
      s.event_id = e.id AND s.track_id = $2::uuid AND ${visible} ORDER BY s.title, s.id LIMIT 21)
    SELECT '{"data":{"event":{"sessions":{"totalCount":' || (SELECT count(*) FROM sessions s WHERE s.event_id = e.id AND s.track_id = $2::uuid AND ${visible}) ||
    ',"pageInfo":{"hasNextPage":' || ((SELECT count(*) FROM page) > 20)::text || '},"edges":[' || coalesce((
      SELECT string_agg('{"cursor":' || to_json(id || '|' || title)::text || ',"node":{"id":"' || id || '","title":' || ${text('title')} ||
        ',"startsAt":' || ${instant('starts_at')} || '}}', ',' ORDER BY title, id) FROM (SELECT * FROM page ORDER BY title, id LIMIT 20) p), '')
    || ']}}}}' AS answer FROM ${event}`,
  feed: `SELECT '{"data":{"event":{"sessions":{"nodes":[' || coalesce((
    SELECT string_agg('{"id":"' || s.id || '","title":' || ${text('s.title')} || ',"abstract":' || ${text('s.abstract')} || ',"startsAt":' || ${instant('s.starts_at')} ||
      ',"endsAt":' || ${instant('s.ends_at')} || ',"lastModifiedAt":' || ${instant('s.last_modified_at')} || ',"version":' || s.version || '}', ','
      ORDER BY s.last_modified_at, s.id)
    FROM (SELECT * FROM sessions s WHERE s.event_id = e.id AND ${visible} ORDER BY s.last_modified_at, s.id LIMIT 100) s), '')
    || ']}}}}' AS answer FROM ${event}`,
  update: `UPDATE sessions SET subtitle = $2, version = version + 1, last_modified_at = clock_timestamp() WHERE id = $1::uuid
    RETURNING '{"data":{"updateSession":{"session":{"id":"' || id || '","title":' || ${text('title')} || ',"subtitle":' || ${text('subtitle')} || '}}}}' AS answer`,
}

const server = http.createServer(async (request, response) => {
  try {
    const [, name, ...values] = request.url.split('/')
    const isUpdate = request.method === 'POST'
    if (isUpdate) {
      let body = ''
      for await (const chunk of request) body += chunk
      values.push(JSON.parse(body).subtitle)
    }
    const statement = isUpdate ? 'update' : name
    const { rows } = await pool.query({ name: statement, text: statements[statement], values })
    const body = Buffer.from(rows[0].answer)
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': body.length,
    })
    response.end(body)
  } catch (error) {
    response.writeHead(500).end(String(error))
  }
})
server.listen(Number(process.env.PORT), '127.0.0.1')
process.on('SIGTERM', () => process.exit(0))
