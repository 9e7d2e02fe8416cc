-- In a table that is ordered by its key the inner pages of the tree hold whole rows, so that the way to
-- each row is long, and the actions of a page of the search, which were taken one after the other, lie
-- with as many users. In one that is not, they lie side by side, and a new action is written behind the
-- last. What a user is stopped by is decided by an index that holds what that takes.
CREATE TABLE action_by_arrival (
    id BLOB NOT NULL,
    tenant_id BLOB NOT NULL,
    actionee_id BLOB NOT NULL,
    actioner_id BLOB,
    definition_id BLOB NOT NULL,
    reason_id BLOB,
    application_ids TEXT,
    comment TEXT,
    name TEXT NOT NULL,
    localized_name TEXT NOT NULL,
    option_name TEXT,
    localized_option TEXT,
    reason_code TEXT,
    reason TEXT,
    localized_reason TEXT,
    emails_user_on_end INTEGER NOT NULL,
    notifies_user_on_end INTEGER NOT NULL,
    expires_at INTEGER,
    cancelled_at INTEGER,
    taken_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    history TEXT,
    event_ids BLOB NOT NULL DEFAULT x'',
    ended_quietly INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO action_by_arrival SELECT * FROM action ORDER BY id;
DROP TABLE action;
ALTER TABLE action_by_arrival RENAME TO action;
CREATE UNIQUE INDEX action_id ON action (id);
CREATE INDEX action_actionee ON action (actionee_id, id, expires_at, definition_id);
CREATE INDEX action_tenant ON action (tenant_id, id);
CREATE INDEX action_actioner ON action (actioner_id, id) WHERE actioner_id IS NOT NULL;
CREATE INDEX action_definition ON action (definition_id, id);
CREATE INDEX action_reason ON action (reason_id, id) WHERE reason_id IS NOT NULL;
CREATE INDEX action_expires ON action (expires_at, id) WHERE expires_at IS NOT NULL;
