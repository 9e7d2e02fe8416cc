-- What people may do in organisations, what they ask for, and what they have to do.
--
-- As in 0001, instants are milliseconds, an end that never comes is the largest one, and `*_key`
-- columns hold a text in lower case. Lists of texts are JSON.

-- What a user is to organisations; who has no row is nothing special and hears by mail.
CREATE TABLE affiliation (
    user_id uuid NOT NULL PRIMARY KEY,
    support boolean NOT NULL,
    native_name text COLLATE "C" NOT NULL,
    organization text COLLATE "C" NOT NULL,
    job_title text COLLATE "C" NOT NULL,
    affiliations json NOT NULL,
    identity_source text COLLATE "C" NOT NULL,
    notifies boolean NOT NULL,
    token_lifetime_seconds bigint
);

-- Those who run this server are few, and are written to when nobody else is there.
CREATE INDEX users_staff ON users (id) WHERE staff;
-- Users in the order of the names that they log in with.
CREATE INDEX users_named ON users (coalesce(username_key, login_key), id);

-- The one token of a user, found by its hash.
CREATE TABLE user_token (
    user_id uuid NOT NULL PRIMARY KEY,
    hash bytea NOT NULL,
    sealed_key bytea NOT NULL,
    created_at bigint NOT NULL
);
CREATE UNIQUE INDEX user_token_hash ON user_token (hash);

-- Wrong passwords of late, by name and address, for the lock-out of those who ask for tokens.
CREATE TABLE token_attempt (
    username_key text COLLATE "C" NOT NULL,
    address text COLLATE "C" NOT NULL,
    attempts bigint NOT NULL,
    since bigint NOT NULL,
    PRIMARY KEY (username_key, address)
);
CREATE INDEX token_attempt_since ON token_attempt (since);

CREATE TABLE customer (
    id uuid NOT NULL PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    native_name text COLLATE "C" NOT NULL,
    abbreviation text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    email text COLLATE "C" NOT NULL,
    notification_emails text COLLATE "C" NOT NULL,
    phone_number text COLLATE "C" NOT NULL,
    slug text COLLATE "C" NOT NULL,
    blocked boolean NOT NULL,
    archived boolean NOT NULL,
    image text COLLATE "C",
    restriction json NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE INDEX customer_name ON customer (name_key, id);

-- A removed project keeps its row: what was done in it names it.
CREATE TABLE project (
    id uuid NOT NULL PRIMARY KEY,
    customer_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    slug text COLLATE "C" NOT NULL,
    image text COLLATE "C",
    start_date text COLLATE "C",
    end_date text COLLATE "C",
    restriction json NOT NULL,
    removed_at bigint,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE INDEX project_customer ON project (customer_id, name_key, id);
CREATE INDEX project_customer_name ON project (customer_id, name, id) WHERE removed_at IS NULL;
CREATE INDEX project_name ON project (name_key, id);

-- A role is for customers or for projects; `permissions` names what its holders may do there.
CREATE TABLE role (
    id uuid NOT NULL PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    scope_kind text COLLATE "C" NOT NULL,
    permissions json NOT NULL,
    active boolean NOT NULL,
    system boolean NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE UNIQUE INDEX role_name ON role (name);

-- A user's role on a scope, until it expires. A grant that ended has no row; the log tells of it.
-- `customer_id` is the scope itself, or the customer of the project that it is.
CREATE TABLE role_grant (
    user_id uuid NOT NULL,
    scope_id uuid NOT NULL,
    role_id uuid NOT NULL,
    id uuid NOT NULL,
    scope_kind text COLLATE "C" NOT NULL,
    customer_id uuid NOT NULL,
    granted_by uuid,
    granted_by_name text COLLATE "C",
    expires_at bigint NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (user_id, scope_id, role_id)
);
CREATE UNIQUE INDEX role_grant_id ON role_grant (id);
CREATE INDEX role_grant_scope ON role_grant (scope_id, role_id, user_id);
CREATE INDEX role_grant_customer ON role_grant (customer_id, user_id);
CREATE INDEX role_grant_role ON role_grant (role_id);
CREATE INDEX role_grant_end ON role_grant (expires_at) WHERE expires_at < 9223372036854775807;

-- A standing offer of one role on one scope, to whoever matches.
CREATE TABLE invitation (
    id uuid NOT NULL PRIMARY KEY,
    customer_id uuid NOT NULL,
    scope_id uuid NOT NULL,
    scope_kind text COLLATE "C" NOT NULL,
    role_id uuid NOT NULL,
    project_role_id uuid,
    creator_id uuid,
    creator_name text COLLATE "C",
    creator_username text COLLATE "C",
    active boolean NOT NULL,
    is_public boolean NOT NULL,
    creates_project boolean NOT NULL,
    approves_at_once boolean NOT NULL,
    allows_many_requests boolean NOT NULL,
    allows_project_details boolean NOT NULL,
    project_name_template text COLLATE "C",
    restriction json NOT NULL,
    custom_text text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE INDEX invitation_created ON invitation (created_at, id);
CREATE INDEX invitation_customer ON invitation (customer_id, created_at, id);
CREATE INDEX invitation_scope ON invitation (scope_id, created_at, id);
CREATE INDEX invitation_public ON invitation (created_at, id) WHERE is_public AND active;

-- A user asks for what an invitation offers. People are named by their id and by what they were
-- called then, so that a request outlives them. Scope and role are those of the invitation until
-- somebody decides. States: 1 draft, 2 pending, 3 approved, 4 rejected, 5 cancelled.
CREATE TABLE permission_request (
    id uuid NOT NULL PRIMARY KEY,
    invitation_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    scope_id uuid NOT NULL,
    scope_kind text COLLATE "C" NOT NULL,
    role_id uuid NOT NULL,
    state bigint NOT NULL,
    requester_id uuid NOT NULL,
    requester_name text COLLATE "C" NOT NULL,
    requester_username text COLLATE "C" NOT NULL,
    requester_email text COLLATE "C" NOT NULL,
    project_name text COLLATE "C" NOT NULL,
    project_description text COLLATE "C" NOT NULL,
    reviewer_id uuid,
    reviewer_name text COLLATE "C",
    reviewer_username text COLLATE "C",
    reviewed_at bigint,
    review_comment text COLLATE "C",
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
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
    user_id uuid NOT NULL,
    action_type text COLLATE "C" NOT NULL,
    object_id text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    title text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    urgency bigint NOT NULL,
    due_at bigint NOT NULL,
    object_name text COLLATE "C" NOT NULL,
    object_type text COLLATE "C" NOT NULL,
    route_name text COLLATE "C" NOT NULL,
    route_params json NOT NULL,
    context json NOT NULL,
    corrective_actions json NOT NULL,
    silenced boolean NOT NULL,
    silenced_until bigint NOT NULL,
    silenced_at bigint,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (user_id, action_type, object_id)
);
CREATE UNIQUE INDEX todo_id ON todo (id);
CREATE INDEX todo_inbox ON todo (user_id, urgency DESC, due_at, created_at DESC, id);
CREATE INDEX todo_object ON todo (action_type, object_id, user_id);
-- All that is needed to count them.
CREATE INDEX todo_tally ON todo
    (user_id, action_type, urgency, due_at, silenced, silenced_until, created_at);
CREATE INDEX todo_silenced ON todo (silenced_until) WHERE silenced_until > 0;

-- A silence outlives the to-do that it was laid on, and holds for it when it comes back.
CREATE TABLE silence (
    user_id uuid NOT NULL,
    action_type text COLLATE "C" NOT NULL,
    object_id text COLLATE "C" NOT NULL,
    forever boolean NOT NULL,
    until bigint NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (user_id, action_type, object_id)
);
CREATE INDEX silence_until ON silence (until) WHERE NOT forever;

-- What users did about their to-dos; it outlives them.
CREATE TABLE execution (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    user_id uuid NOT NULL,
    todo_id uuid NOT NULL,
    action_type text COLLATE "C" NOT NULL,
    object_id text COLLATE "C" NOT NULL,
    label text COLLATE "C" NOT NULL,
    success boolean NOT NULL,
    error_message text COLLATE "C" NOT NULL,
    metadata json NOT NULL,
    executed_at bigint NOT NULL
);
CREATE INDEX execution_user ON execution (user_id, executed_at DESC, id DESC);
CREATE INDEX execution_executed ON execution (executed_at, id);

-- Who knows what users have to do: built in when it has no URL. Whoever runs one moves
-- `leased_until`.
CREATE TABLE provider (
    number bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    id uuid NOT NULL,
    action_type text COLLATE "C" NOT NULL,
    display_name text COLLATE "C" NOT NULL,
    url text COLLATE "C",
    schedule text COLLATE "C" NOT NULL,
    enabled boolean NOT NULL,
    timeout_seconds bigint NOT NULL,
    sealed_secret bytea,
    sealed_previous_secret bytea,
    previous_secret_until bigint,
    next_run_at bigint,
    leased_until bigint NOT NULL,
    last_run_at bigint,
    last_status text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE UNIQUE INDEX provider_id ON provider (id);
CREATE UNIQUE INDEX provider_action_type ON provider (action_type);

-- What the marketplace tells of its orders ("order" is a reserved word in SQL) and resources.
CREATE TABLE orders (
    id uuid NOT NULL PRIMARY KEY,
    state text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    customer_id uuid NOT NULL,
    project_id uuid NOT NULL,
    offering json NOT NULL,
    resource_id uuid,
    resource_name text COLLATE "C" NOT NULL,
    estimated_cost text COLLATE "C",
    ordered_at bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE INDEX orders_project ON orders (project_id, state, ordered_at);
CREATE INDEX orders_state ON orders (state, ordered_at, id);
CREATE INDEX orders_resource ON orders (resource_id, state) WHERE resource_id IS NOT NULL;

CREATE TABLE resource (
    id uuid NOT NULL PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    customer_id uuid NOT NULL,
    project_id uuid NOT NULL,
    offering json NOT NULL,
    prepaid boolean NOT NULL,
    reminders json,
    end_date text COLLATE "C",
    termination_requested_at bigint,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE INDEX resource_project ON resource (project_id, state, end_date);
CREATE INDEX resource_end ON resource (state, end_date, id) WHERE end_date IS NOT NULL;

-- What is done at certain times, by whichever node comes first; 0 before the first time.
CREATE TABLE task (
    name text COLLATE "C" NOT NULL PRIMARY KEY,
    next_run_at bigint NOT NULL
);
INSERT INTO task (name, next_run_at)
VALUES ('silences', 0), ('executions', 0), ('leftovers', 0), ('digest', 0);

-- How far those who keep the to-dos up to date have got in the outbox.
INSERT INTO relay (name, position, leased_until) VALUES ('todos', 0, 0);
