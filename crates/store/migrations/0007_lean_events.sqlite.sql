-- An action knows the events that told of it, oldest first, 16 bytes each; that of its end follows
-- from its id and the instant. An index of all events by what they are about would cost each of them
-- a page of its own.
ALTER TABLE action ADD COLUMN event_ids BLOB NOT NULL DEFAULT x'';
UPDATE action SET event_ids = (
    SELECT unhex(group_concat(hex(id), '' ORDER BY position)) FROM outbox WHERE subject_id = action.id)
WHERE id IN (SELECT subject_id FROM outbox WHERE event_type = 'user.action');
DROP INDEX outbox_subject;

-- Records of the audit trail are long. In a table that is ordered by its key most of a long row lies
-- on a page of its own; in one that is not, several share a page.
CREATE TABLE audit_record_by_number (
    id BLOB NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    principal TEXT NOT NULL,
    key_id BLOB,
    user_id BLOB,
    request_id TEXT NOT NULL,
    tenant_id BLOB,
    event_type TEXT NOT NULL,
    subject_id BLOB,
    before TEXT,
    after TEXT
) STRICT;
INSERT INTO audit_record_by_number SELECT * FROM audit_record ORDER BY id;
DROP TABLE audit_record;
ALTER TABLE audit_record_by_number RENAME TO audit_record;
