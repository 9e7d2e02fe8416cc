-- Whether a to-do is in sight stands in the index too, so that those that are not cost no look at
-- their row.
DROP INDEX todo_inbox;
CREATE INDEX todo_inbox ON todo
    (user_id, urgency DESC, due_at, created_at DESC, id, silenced, silenced_until);
