-- An action knows the events that told of it, oldest first, 16 bytes each; that of its end follows
-- from its id and the instant. An index of all events by what they are about would cost each of them
-- a page of its own.
ALTER TABLE action ADD COLUMN event_ids bytea NOT NULL DEFAULT '';
UPDATE action SET event_ids = (
    SELECT string_agg(uuid_send(id), '' ORDER BY position) FROM outbox WHERE subject_id = action.id)
WHERE id IN (SELECT subject_id FROM outbox WHERE event_type = 'user.action');
DROP INDEX outbox_subject;
