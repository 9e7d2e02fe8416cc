-- What a user is stopped by is decided by an index that holds what that takes. The rows themselves lie
-- in the order in which they came, here as on SQLite.
CREATE INDEX action_actionee ON action (actionee_id, id, expires_at, definition_id);
ALTER TABLE action DROP CONSTRAINT action_pkey;
-- Whoever replicates the table has to know which row is which.
ALTER TABLE action REPLICA IDENTITY USING INDEX action_id;
