-- What people may do in organisations, what they ask for, and what they have to do.
--
-- As in 0001, instants are milliseconds, an end that never comes is the largest one, and `*_key`
-- columns hold a text in lower case. Lists of texts are JSON.

-- What a user is to organisations; who has no row is nothing special and hears by mail.
CREATE TABLE affiliation (
    user_id BLOB NOT NULL PRIMARY KEY,
    support INTEGER NOT NULL,
    native_name TEXT NOT NULL,
    organization TEXT NOT NULL,
    job_title TEXT NOT NULL,
    affiliations TEXT NOT NULL,
    identity_source TEXT NOT NULL,
    notifies INTEGER NOT NULL,
    token_lifetime_seconds INTEGER
) STRICT, WITHOUT ROWID;

-- Those who run this server are few, and are written to when nobody else is there.
CREATE INDEX users_staff ON users (id) WHERE staff;
-- Users in the order of the names that they log in with.
CREATE INDEX users_named ON users (coalesce(username_key, login_key), id);

-- The one token of a user, found by its hash.
CREATE TABLE user_token (
    user_id BLOB NOT NULL PRIMARY KEY,
    hash BLOB NOT NULL,
    sealed_key BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX user_token_hash ON user_token (hash);

-- Wrong passwords of late, by name and address, for the lock-out of those who ask for tokens.
CREATE TABLE token_attempt (
    username_key TEXT NOT NULL,
    address TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (username_key, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX token_attempt_since ON token_attempt (since);

CREATE TABLE customer (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    native_name TEXT NOT NULL,
    abbreviation TEXT NOT NULL,
    description TEXT NOT NULL,
    email TEXT NOT NULL,
    notification_emails TEXT NOT NULL,
    phone_number TEXT NOT NULL,
    slug TEXT NOT NULL,
    blocked INTEGER NOT NULL,
    archived INTEGER NOT NULL,
    image TEXT,
    restriction TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX customer_name ON customer (name_key, id);

-- A removed project keeps its row: what was done in it names it.
CREATE TABLE project (
    id BLOB NOT NULL PRIMARY KEY,
    customer_id BLOB NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    description TEXT NOT NULL,
    slug TEXT NOT NULL,
    image TEXT,
    start_date TEXT,
    end_date TEXT,
    restriction TEXT NOT NULL,
    removed_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX project_customer ON project (customer_id, name_key, id);
CREATE INDEX project_customer_name ON project (customer_id, name, id) WHERE removed_at IS NULL;
CREATE INDEX project_name ON project (name_key, id);

-- A role is for customers or for projects; `permissions` names what its holders may do there.
CREATE TABLE role (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    scope_kind TEXT NOT NULL,
    permissions TEXT NOT NULL,
    active INTEGER NOT NULL,
    system INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX role_name ON role (name);

-- A user's role on a scope, until it expires. A grant that ended has no row; the log tells of it.
-- `customer_id` is the scope itself, or the customer of the project that it is.
CREATE TABLE role_grant (
    user_id BLOB NOT NULL,
    scope_id BLOB NOT NULL,
    role_id BLOB NOT NULL,
    id BLOB NOT NULL,
    scope_kind TEXT NOT NULL,
    customer_id BLOB NOT NULL,
    granted_by BLOB,
    granted_by_name TEXT,
    expires_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, scope_id, role_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX role_grant_id ON role_grant (id);
CREATE INDEX role_grant_scope ON role_grant (scope_id, role_id, user_id);
CREATE INDEX role_grant_customer ON role_grant (customer_id, user_id);
CREATE INDEX role_grant_role ON role_grant (role_id);
CREATE INDEX role_grant_end ON role_grant (expires_at) WHERE expires_at < 9223372036854775807;

-- A standing offer of one role on one scope, to whoever matches.
CREATE TABLE invitation (
    id BLOB NOT NULL PRIMARY KEY,
    customer_id BLOB NOT NULL,
    scope_id BLOB NOT NULL,
    scope_kind TEXT NOT NULL,
    role_id BLOB NOT NULL,
    project_role_id BLOB,
    creator_id BLOB,
    creator_name TEXT,
    creator_username TEXT,
    active INTEGER NOT NULL,
    is_public INTEGER NOT NULL,
    creates_project INTEGER NOT NULL,
    approves_at_once INTEGER NOT NULL,
    allows_many_requests INTEGER NOT NULL,
    allows_project_details INTEGER NOT NULL,
    project_name_template TEXT,
    restriction TEXT NOT NULL,
    custom_text TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX invitation_created ON invitation (created_at, id);
CREATE INDEX invitation_customer ON invitation (customer_id, created_at, id);
CREATE INDEX invitation_scope ON invitation (scope_id, created_at, id);
CREATE INDEX invitation_public ON invitation (created_at, id) WHERE is_public AND active;

-- A user asks for what an invitation offers. People are named by their id and by what they were
-- called then, so that a request outlives them. Scope and role are those of the invitation until
-- somebody decides. States: 1 draft, 2 pending, 3 approved, 4 rejected, 5 cancelled.
CREATE TABLE permission_request (
    id BLOB NOT NULL PRIMARY KEY,
    invitation_id BLOB NOT NULL,
    customer_id BLOB NOT NULL,
    scope_id BLOB NOT NULL,
    scope_kind TEXT NOT NULL,
    role_id BLOB NOT NULL,
    state INTEGER NOT NULL,
    requester_id BLOB NOT NULL,
    requester_name TEXT NOT NULL,
    requester_username TEXT NOT NULL,
    requester_email TEXT NOT NULL,
    project_name TEXT NOT NULL,
    project_description TEXT NOT NULL,
    reviewer_id BLOB,
    reviewer_name TEXT,
    reviewer_username TEXT,
    reviewed_at INTEGER,
    review_comment TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX permission_request_created ON permission_request (created_at, id);
CREATE INDEX permission_request_state ON permission_request (state, created_at, id);
CREATE INDEX permission_request_customer ON permission_request (customer_id, created_at, id);
CREATE INDEX permission_request_requester ON permission_request (requester_id, created_at, id);
CREATE INDEX permission_request_invitation ON permission_request (invitation_id, created_at, id);
CREATE INDEX permission_request_scope ON permission_request (scope_id, requester_id, state);
CREATE INDEX permission_request_pending ON permission_request (customer_id, scope_id) WHERE state = 2;

-- What a user has to do. Urgency: 1 low, 2 medium, 3 high. `silenced_until` is 0 when it is not
-- silenced for a time.
CREATE TABLE todo (
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
    PRIMARY KEY (user_id, action_type, object_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX todo_id ON todo (id);
CREATE INDEX todo_inbox ON todo (user_id, urgency DESC, due_at, created_at DESC, id);
CREATE INDEX todo_object ON todo (action_type, object_id, user_id);
-- All that is needed to count them.
CREATE INDEX todo_tally ON todo
    (user_id, action_type, urgency, due_at, silenced, silenced_until, created_at);
CREATE INDEX todo_silenced ON todo (silenced_until) WHERE silenced_until > 0;

-- A silence outlives the to-do that it was laid on, and holds for it when it comes back.
CREATE TABLE silence (
    user_id BLOB NOT NULL,
    action_type TEXT NOT NULL,
    object_id TEXT NOT NULL,
    forever INTEGER NOT NULL,
    until INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (user_id, action_type, object_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX silence_until ON silence (until) WHERE NOT forever;

-- What users did about their to-dos; it outlives them.
CREATE TABLE execution (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    user_id BLOB NOT NULL,
    todo_id BLOB NOT NULL,
    action_type TEXT NOT NULL,
    object_id TEXT NOT NULL,
    label TEXT NOT NULL,
    success INTEGER NOT NULL,
    error_message TEXT NOT NULL,
    metadata TEXT NOT NULL,
    executed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX execution_user ON execution (user_id, executed_at DESC, id DESC);
CREATE INDEX execution_executed ON execution (executed_at, id);

-- Who knows what users have to do: built in when it has no URL. Whoever runs one moves
-- `leased_until`.
CREATE TABLE provider (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL,
    action_type TEXT NOT NULL,
    display_name TEXT NOT NULL,
    url TEXT,
    schedule TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    timeout_seconds INTEGER NOT NULL,
    sealed_secret BLOB,
    sealed_previous_secret BLOB,
    previous_secret_until INTEGER,
    next_run_at INTEGER,
    leased_until INTEGER NOT NULL,
    last_run_at INTEGER,
    last_status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX provider_id ON provider (id);
CREATE UNIQUE INDEX provider_action_type ON provider (action_type);

-- What the marketplace tells of its orders ("order" is a reserved word in SQL) and resources.
CREATE TABLE orders (
    id BLOB NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    kind TEXT NOT NULL,
    customer_id BLOB NOT NULL,
    project_id BLOB NOT NULL,
    offering TEXT NOT NULL,
    resource_id BLOB,
    resource_name TEXT NOT NULL,
    estimated_cost TEXT,
    ordered_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX orders_project ON orders (project_id, state, ordered_at);
CREATE INDEX orders_state ON orders (state, ordered_at, id);
CREATE INDEX orders_resource ON orders (resource_id, state) WHERE resource_id IS NOT NULL;

CREATE TABLE resource (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    customer_id BLOB NOT NULL,
    project_id BLOB NOT NULL,
    offering TEXT NOT NULL,
    prepaid INTEGER NOT NULL,
    reminders TEXT,
    end_date TEXT,
    termination_requested_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX resource_project ON resource (project_id, state, end_date);
CREATE INDEX resource_end ON resource (state, end_date, id) WHERE end_date IS NOT NULL;

-- What is done at certain times, by whichever node comes first; 0 before the first time.
CREATE TABLE task (
    name TEXT NOT NULL PRIMARY KEY,
    next_run_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO task (name, next_run_at)
VALUES ('silences', 0), ('executions', 0), ('leftovers', 0), ('digest', 0);

-- How far those who keep the to-dos up to date have got in the outbox.
INSERT INTO relay (name, position, leased_until) VALUES ('todos', 0, 0);
