-- Each event that is older than the clock begins with what it was then, at the place 0, which no commit has. A commit
-- without a change is where a feed can begin, not what it could tell.
INSERT INTO programme_commits (event_id, seq, token, committed_at, is_public)
SELECT r.event_id, 0, gen_random_uuid(), max(r.recorded_at),
       EXISTS (SELECT FROM events e WHERE e.id = r.event_id AND e.state = 'published' AND e.deleted_at IS NULL)
FROM revisions r WHERE r.change IS NULL GROUP BY r.event_id;

-- CreateIndex
-- migration: allow index-not-concurrent because the column is empty: it takes a second for millions of rows
CREATE INDEX "revisions_change_event_id_entity_entity_id_version_idx" ON "revisions"("change", "event_id", "entity", "entity_id", "version");

-- Commits are history, too.
CREATE TRIGGER guard_history BEFORE INSERT OR UPDATE OR DELETE ON programme_commits
  FOR EACH ROW EXECUTE FUNCTION guard_history();
CREATE TRIGGER guard_history_from_truncate BEFORE TRUNCATE ON programme_commits
  FOR EACH STATEMENT EXECUTE FUNCTION guard_history();

-- What no revision could tell is refused: rows that change their identity or their event, and rows that are truncated.
CREATE FUNCTION refuse_untold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    RAISE EXCEPTION 'TRUNCATE would delete % without a word in their history', TG_TABLE_NAME
      USING ERRCODE = 'restrict_violation', HINT = 'Use DELETE.';
  END IF;
  RAISE EXCEPTION 'A row of % keeps its id and its event', TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation', HINT = 'Make a new row there, and delete this one.';
END
$$;

CREATE TRIGGER refuse_other_identity BEFORE UPDATE OF id ON events FOR EACH ROW
  WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION refuse_untold();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION refuse_untold();
CREATE TRIGGER refuse_other_identity BEFORE UPDATE OF id, event_id ON tracks FOR EACH ROW
  WHEN ((OLD.id, OLD.event_id) <> (NEW.id, NEW.event_id)) EXECUTE FUNCTION refuse_untold();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON tracks FOR EACH STATEMENT EXECUTE FUNCTION refuse_untold();
CREATE TRIGGER refuse_other_identity BEFORE UPDATE OF id, event_id ON rooms FOR EACH ROW
  WHEN ((OLD.id, OLD.event_id) <> (NEW.id, NEW.event_id)) EXECUTE FUNCTION refuse_untold();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON rooms FOR EACH STATEMENT EXECUTE FUNCTION refuse_untold();
CREATE TRIGGER refuse_other_identity BEFORE UPDATE OF id, event_id ON session_types FOR EACH ROW
  WHEN ((OLD.id, OLD.event_id) <> (NEW.id, NEW.event_id)) EXECUTE FUNCTION refuse_untold();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON session_types FOR EACH STATEMENT EXECUTE FUNCTION refuse_untold();
CREATE TRIGGER refuse_other_identity BEFORE UPDATE OF id, event_id ON breaks FOR EACH ROW
  WHEN ((OLD.id, OLD.event_id) <> (NEW.id, NEW.event_id)) EXECUTE FUNCTION refuse_untold();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON breaks FOR EACH STATEMENT EXECUTE FUNCTION refuse_untold();
CREATE TRIGGER refuse_other_identity BEFORE UPDATE OF id, event_id ON speakers FOR EACH ROW
  WHEN ((OLD.id, OLD.event_id) <> (NEW.id, NEW.event_id)) EXECUTE FUNCTION refuse_untold();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON speakers FOR EACH STATEMENT EXECUTE FUNCTION refuse_untold();
CREATE TRIGGER refuse_other_identity BEFORE UPDATE OF id, event_id ON sessions FOR EACH ROW
  WHEN ((OLD.id, OLD.event_id) <> (NEW.id, NEW.event_id)) EXECUTE FUNCTION refuse_untold();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON sessions FOR EACH STATEMENT EXECUTE FUNCTION refuse_untold();

-- Which migration this one follows. Kept by "npx prisma migrate dev"; let it stay the last statement.
INSERT INTO migration_lineage (name, parent) VALUES ('20261126144100_programme_clock_begun', '20261126144000_programme_clock');
