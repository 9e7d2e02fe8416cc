-- The ends that are still to be seen to have a table of their own, and an action's row is not written
-- when its time comes: it lies among many others, with eight indexes.
CREATE TABLE pending_end (
    due_at bigint NOT NULL,
    action_id uuid NOT NULL,
    PRIMARY KEY (due_at, action_id)
);
INSERT INTO pending_end (due_at, action_id)
    SELECT expires_at, id FROM action
    WHERE NOT end_settled AND cancelled_at IS NULL AND expires_at < 9223372036854775807
    ORDER BY expires_at, id;

-- Whether nobody was told of an end that was seen to.
ALTER TABLE action ADD COLUMN ended_quietly boolean NOT NULL DEFAULT FALSE;
UPDATE action SET ended_quietly = TRUE WHERE end_settled AND NOT end_event_sent;
DROP INDEX action_end;
ALTER TABLE action DROP COLUMN end_settled, DROP COLUMN end_event_sent;
