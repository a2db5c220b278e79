-- The programme clock: one place per event and transaction, in commit order, whoever writes. Stamps say when a row was first
-- touched, so the one that stamped first can become visible last; who polls by them loses it.
-- migration: contract

-- Numbers of changes, one a transaction, and places of commits, which grow from commit to commit. Both have holes, where
-- transactions were rolled back: nobody may conclude anything from one.
CREATE SEQUENCE programme_changes;
CREATE SEQUENCE programme_places;

-- CreateTable
CREATE TABLE "programme_commits" (
    "event_id" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "token" UUID NOT NULL,
    "change" BIGINT,
    "committed_at" TIMESTAMPTZ NOT NULL,
    "actor" TEXT,
    "request_id" TEXT,
    "is_public" BOOLEAN NOT NULL,

    CONSTRAINT "programme_commits_pkey" PRIMARY KEY ("event_id","seq")
);

-- CreateIndex
CREATE INDEX "programme_commits_event_id_committed_at_idx" ON "programme_commits"("event_id", "committed_at");

-- CreateIndex
CREATE UNIQUE INDEX "programme_commits_change_event_id_key" ON "programme_commits"("change", "event_id");

-- What the public is told of.
CREATE INDEX programme_commits_public ON programme_commits (event_id, seq) WHERE is_public;

-- Rows remember the change that wrote them last, not the transaction: a transaction's number means another one once a
-- dump was restored elsewhere, and its change then took no step of the version. No query ever named the column that goes.
DROP TRIGGER stamp_row ON access_tokens;
ALTER TABLE "access_tokens" DROP COLUMN "modified_in", ADD COLUMN     "changed_in" BIGINT;
CREATE TRIGGER stamp_row BEFORE INSERT OR UPDATE OF
  id, hash, role, label, event_ids, permissions, user_id, parent_id, expires_at, revoked_at, created_at, last_modified_at,
  version, changed_in ON access_tokens
  FOR EACH ROW EXECUTE FUNCTION stamp_row();
ALTER TABLE "breaks" DROP COLUMN "modified_in", ADD COLUMN     "changed_in" BIGINT;
ALTER TABLE "events" DROP COLUMN "modified_in", ADD COLUMN     "changed_in" BIGINT;
ALTER TABLE "memberships" DROP COLUMN "modified_in", ADD COLUMN     "changed_in" BIGINT;
ALTER TABLE "rooms" DROP COLUMN "modified_in", ADD COLUMN     "changed_in" BIGINT;
ALTER TABLE "session_types" DROP COLUMN "modified_in", ADD COLUMN     "changed_in" BIGINT;
ALTER TABLE "sessions" DROP COLUMN "modified_in", ADD COLUMN     "changed_in" BIGINT;
ALTER TABLE "speakers" DROP COLUMN "modified_in", ADD COLUMN     "changed_in" BIGINT;
ALTER TABLE "tracks" DROP COLUMN "modified_in", ADD COLUMN     "changed_in" BIGINT;
ALTER TABLE "users" DROP COLUMN "modified_in", ADD COLUMN     "changed_in" BIGINT;

-- Of a revision: its change, null if it is older than the clock; and whether the row, by itself, was one that the public
-- sees, before and after.
ALTER TABLE "revisions" ADD COLUMN     "change" BIGINT,
ADD COLUMN     "was_shown" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "is_shown" BOOLEAN NOT NULL DEFAULT false;

-- The number of this transaction's change. The setting holds the transaction's own number, too: a savepoint that is rolled
-- back takes it along as it does the rows, and one that a session set for itself isn't believed.
CREATE FUNCTION current_change() RETURNS bigint LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  mine text := pg_current_xact_id()::text || ':';
  said text := current_setting('open_event.change', true);
  number bigint;
BEGIN
  IF starts_with(said, mine) THEN
    RETURN substr(said, length(mine) + 1);
  END IF;
  number := nextval('programme_changes');
  PERFORM set_config('open_event.change', mine || number, true);
  RETURN number;
END
$$;

-- As before, by the change.
CREATE OR REPLACE FUNCTION stamp_row() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  moment timestamptz := date_trunc('milliseconds', clock_timestamp());
  last revisions;
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF TG_NARGS = 1 THEN
      SELECT * INTO last FROM revisions
      WHERE entity = TG_ARGV[0]::revised_entity AND entity_id = NEW.id
      ORDER BY version DESC LIMIT 1;
    END IF;
    NEW.last_modified_at := greatest(moment, last.recorded_at + interval '1 millisecond');
    NEW.created_at := NEW.last_modified_at;
    NEW.version := coalesce(last.version, 0) + 1;
    NEW.changed_in := current_change();
    RETURN NEW;
  END IF;

  NEW.created_at := OLD.created_at;
  NEW.last_modified_at := OLD.last_modified_at;
  NEW.version := OLD.version;
  NEW.changed_in := OLD.changed_in;
  IF NEW *<> OLD AND OLD.changed_in IS DISTINCT FROM current_change() THEN
    NEW.last_modified_at := greatest(moment, OLD.last_modified_at + interval '1 millisecond');
    NEW.version := OLD.version + 1;
    NEW.changed_in := current_change();
  END IF;
  RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION revised_values(row_as_json jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT row_as_json - '{id,event_id,created_at,last_modified_at,version,changed_in}'::text[]
$$;

-- Whether the public sees such a row, as far as the row itself decides: not whether its event is published, nor in which
-- sessions a speaker speaks. An empty row is none.
CREATE FUNCTION is_shown(entity revised_entity, row_as_json jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT row_as_json ? 'id' AND row_as_json ->> 'deleted_at' IS NULL AND CASE entity
    WHEN 'session' THEN row_as_json ->> 'state' IN ('accepted', 'confirmed')
    WHEN 'event' THEN row_as_json ->> 'state' = 'published'
    ELSE true
  END
$$;

-- As before, with the change and whether the row was and is shown.
CREATE OR REPLACE FUNCTION record_revision() RETURNS trigger LANGUAGE plpgsql
  SET search_path FROM CURRENT SET "TimeZone" TO 'UTC' AS $$
DECLARE
  old_row jsonb := CASE WHEN TG_OP = 'INSERT' THEN '{}' ELSE to_jsonb(OLD) END;
  new_row jsonb := CASE WHEN TG_OP = 'DELETE' THEN '{}' ELSE to_jsonb(NEW) END;
  any_row jsonb := CASE WHEN TG_OP = 'DELETE' THEN old_row ELSE new_row END;
  was jsonb := changed_values(jsonb_strip_nulls(revised_values(old_row)), revised_values(new_row));
  becomes jsonb := changed_values(jsonb_strip_nulls(revised_values(new_row)), revised_values(old_row));
  revised_version integer := any_row ->> 'version';
  moment timestamptz := any_row ->> 'last_modified_at';
  what revision_operation;
BEGIN
  IF was = '{}' AND becomes = '{}' THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN
    what := 'created';
  ELSIF TG_OP = 'DELETE' THEN
    what := 'deleted';
    revised_version := revised_version + 1;
    moment := greatest(date_trunc('milliseconds', clock_timestamp()), moment + interval '1 millisecond');
  ELSIF becomes ? 'deleted_at' AND NOT was ? 'deleted_at' THEN
    what := 'deleted';
  ELSIF was ? 'deleted_at' AND NOT becomes ? 'deleted_at' THEN
    what := 'restored';
  ELSE
    what := 'updated';
  END IF;

  -- A value that was empty, or became so, is null on that side: both sides name the same columns.
  was := (SELECT coalesce(jsonb_object_agg(key, 'null'::jsonb), '{}') FROM jsonb_object_keys(becomes) AS key) || was;
  becomes := (SELECT coalesce(jsonb_object_agg(key, 'null'::jsonb), '{}') FROM jsonb_object_keys(was) AS key) || becomes;

  INSERT INTO revisions AS r
    (entity, entity_id, event_id, version, recorded_at, operation, actor, request_id, before, after, recorded_in,
     change, was_shown, is_shown)
  VALUES (
    TG_ARGV[0]::revised_entity,
    (any_row ->> 'id')::uuid,
    coalesce(any_row ->> 'event_id', any_row ->> 'id')::uuid,
    revised_version,
    moment,
    what,
    nullif(current_setting('open_event.actor', true), ''),
    nullif(current_setting('open_event.request_id', true), ''),
    was,
    becomes,
    pg_current_xact_id(),
    current_change(),
    is_shown(TG_ARGV[0]::revised_entity, old_row),
    is_shown(TG_ARGV[0]::revised_entity, new_row)
  )
  ON CONFLICT (entity, entity_id, version) DO UPDATE SET
    before = changed_values(excluded.before || r.before, r.after || excluded.after),
    after = changed_values(r.after || excluded.after, excluded.before || r.before),
    operation = CASE
      WHEN r.operation IN ('created', 'deleted', 'restored') THEN r.operation
      ELSE excluded.operation
    END,
    is_shown = excluded.is_shown;
  RETURN NULL;
END
$$;

-- Whether a revision is the first of this transaction's change that waits for its commit: one turn is enough for all of
-- them, and another one for what follows a turn that was taken before the end (SET CONSTRAINTS). What the upkeep of the
-- history rewrites are other transactions' changes, which had their turns.
CREATE FUNCTION is_first_to_wait(change bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  waiting text := change || ' waits';
BEGIN
  IF current_setting('open_event.turn', true) = waiting
     OR current_setting('open_event.change', true) IS DISTINCT FROM pg_current_xact_id()::text || ':' || change THEN
    RETURN false;
  END IF;
  PERFORM set_config('open_event.turn', waiting, true);
  RETURN true;
END
$$;

-- Gives the transaction its place in each event that it changed. The turn of an event is a lock that is held until the
-- transaction is visible: whoever sees a place sees all that come before it in the event.
-- * The last locks that a transaction takes, by the events' ids: they add no deadlock.
-- * Nothing is updated. (A counter row that every commit updates fails most writers in repeatable read.)
-- * A place has a token: where it was given twice, by a restored dump or a standby that had not heard of the first, it shows.
-- * Nobody waits for ever for one who idles in COMMIT's place (SET CONSTRAINTS ALL IMMEDIATE by hand).
-- * Who asked for it by a setting has others woken, for a notification takes one lock for all databases.
CREATE FUNCTION take_turns() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET lock_timeout TO '10s' AS $$
DECLARE
  is_again boolean := current_setting('open_event.turn_taken', true) IS NOT DISTINCT FROM NEW.change::text;
  sees_all boolean := current_setting('transaction_isolation') = 'read committed';
  touched record;
  shows boolean;
  place bigint;
BEGIN
  PERFORM set_config('open_event.turn', '', true);
  -- What this transaction alone decides is asked before a turn is taken: others wait while it is held.
  FOR touched IN
    SELECT event_id, max(recorded_at) AS recorded_at,
           coalesce(bool_or(was_shown OR is_shown) FILTER (WHERE entity <> 'speaker'), false) AS shows,
           coalesce(bool_or(was_shown) FILTER (WHERE entity = 'event'), false) AS was_published,
           array_agg(entity_id) FILTER (WHERE entity = 'speaker' AND (was_shown OR is_shown)) AS speakers
    FROM revisions WHERE change = NEW.change GROUP BY event_id ORDER BY event_id
  LOOP
    PERFORM pg_advisory_xact_lock(hashtextextended('programme ' || touched.event_id, 0));
    -- Nobody else commits a change of this event now, so this sees all that comes before it. A transaction that sees
    -- nothing younger than itself takes for public what could be.
    shows := touched.shows OR touched.speakers IS NOT NULL;
    IF shows AND sees_all THEN
      shows := (touched.was_published OR EXISTS (
          SELECT FROM events WHERE id = touched.event_id AND state = 'published' AND deleted_at IS NULL
        )) AND (touched.shows OR EXISTS (
          SELECT FROM session_speakers k JOIN sessions s ON s.id = k.session_id
          WHERE k.event_id = touched.event_id AND k.speaker_id = ANY (touched.speakers)
            AND s.deleted_at IS NULL AND s.state IN ('accepted', 'confirmed')
        ));
    END IF;
    place := NULL;
    IF is_again THEN
      UPDATE programme_commits c SET is_public = c.is_public OR shows
      WHERE c.change = NEW.change AND c.event_id = touched.event_id RETURNING seq INTO place;
    END IF;
    IF place IS NULL THEN
      place := nextval('programme_places');
      INSERT INTO programme_commits (event_id, seq, token, change, committed_at, actor, request_id, is_public)
      VALUES (
        touched.event_id, place, gen_random_uuid(), NEW.change,
        -- Later than the one before, so that whoever compares stamps sees a difference; no earlier than what it changed.
        greatest(
          date_trunc('milliseconds', clock_timestamp()),
          touched.recorded_at,
          (SELECT committed_at + interval '1 millisecond' FROM programme_commits
           WHERE event_id = touched.event_id AND sees_all ORDER BY seq DESC LIMIT 1)
        ),
        nullif(current_setting('open_event.actor', true), ''),
        nullif(current_setting('open_event.request_id', true), ''),
        shows
      );
    END IF;
    IF current_setting('open_event.notify', true) = 'on' THEN
      PERFORM pg_notify('programme_commits', touched.event_id::text);
    END IF;
  END LOOP;
  PERFORM set_config('open_event.turn_taken', NEW.change::text, true);
  RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER take_turns AFTER INSERT OR UPDATE ON revisions
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (is_first_to_wait(NEW.change)) EXECUTE FUNCTION take_turns();

-- Which migration this one follows. Kept by "npx prisma migrate dev"; let it stay the last statement.
INSERT INTO migration_lineage (name, parent) VALUES ('20261126144000_programme_clock', '20261125140000_tokens_of_people');
