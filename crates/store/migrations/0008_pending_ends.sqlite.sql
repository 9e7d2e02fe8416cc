-- The ends that are still to be seen to have a table of their own, and an action's row is not written
-- when its time comes: it lies among many others, with eight indexes.
CREATE TABLE pending_end (
    due_at INTEGER NOT NULL,
    action_id BLOB NOT NULL,
    PRIMARY KEY (due_at, action_id)
) STRICT, WITHOUT ROWID;
INSERT INTO pending_end (due_at, action_id)
    SELECT expires_at, id FROM action INDEXED BY action_end
    WHERE NOT end_settled AND cancelled_at IS NULL AND expires_at < 9223372036854775807
    ORDER BY expires_at, id;

-- Whether nobody was told of an end that was seen to.
ALTER TABLE action ADD COLUMN ended_quietly INTEGER NOT NULL DEFAULT 0;
UPDATE action SET ended_quietly = 1 WHERE end_settled AND NOT end_event_sent;
DROP INDEX action_end;
ALTER TABLE action DROP COLUMN end_settled;
ALTER TABLE action DROP COLUMN end_event_sent;
