-- To-dos lie in the order in which their user reads them, so that a page is one walk over a few
-- neighbouring pages of the file, wherever in the list it begins.
CREATE TABLE todo_in_order (
    user_id BLOB NOT NULL,
    action_type TEXT NOT NULL,
    object_id TEXT NOT NULL,
    id BLOB NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    urgency INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    object_name TEXT NOT NULL,
    object_type TEXT NOT NULL,
    route_name TEXT NOT NULL,
    route_params TEXT NOT NULL,
    context TEXT NOT NULL,
    corrective_actions TEXT NOT NULL,
    silenced INTEGER NOT NULL,
    silenced_until INTEGER NOT NULL,
    silenced_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, urgency DESC, due_at, created_at DESC, id)
) STRICT, WITHOUT ROWID;
INSERT INTO todo_in_order
    (user_id, action_type, object_id, id, title, description, urgency, due_at, object_name,
    object_type, route_name, route_params, context, corrective_actions, silenced,
    silenced_until, silenced_at, created_at, updated_at)
SELECT
    user_id, action_type, object_id, id, title, description, urgency, due_at, object_name,
    object_type, route_name, route_params, context, corrective_actions, silenced,
    silenced_until, silenced_at, created_at, updated_at
FROM todo;
DROP TABLE todo;
ALTER TABLE todo_in_order RENAME TO todo;
CREATE UNIQUE INDEX todo_pkey ON todo (user_id, action_type, object_id);
CREATE UNIQUE INDEX todo_id ON todo (id);
CREATE INDEX todo_object ON todo (action_type, object_id, user_id);
CREATE INDEX todo_tally ON todo
    (user_id, action_type, urgency, due_at, silenced, silenced_until, created_at);
CREATE INDEX todo_silenced ON todo (silenced_until) WHERE silenced_until > 0;
