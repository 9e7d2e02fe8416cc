-- Everything that the first release keeps.
--
-- Instants are milliseconds since the Unix epoch; an end that never comes is the largest one, so
-- that one comparison answers "is it over?". `*_key` columns hold a text in lower case, for
-- uniqueness and order without regard to case. Ids sort by the time they were made.

CREATE TABLE setting (
    name text NOT NULL PRIMARY KEY,
    value text NOT NULL
);

CREATE TABLE signing_key (
    id uuid NOT NULL PRIMARY KEY,
    purpose text NOT NULL,
    algorithm text NOT NULL,
    sealed_private_key bytea NOT NULL,
    public_key text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL
);
CREATE INDEX signing_key_purpose ON signing_key (purpose, id);

CREATE TABLE tenant (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    issuer text NOT NULL,
    events json NOT NULL,
    lockout_definition_id uuid,
    lockout_attempts bigint NOT NULL,
    lockout_window_seconds bigint NOT NULL,
    lockout_length bigint NOT NULL,
    lockout_unit text NOT NULL,
    lockout_emails_user boolean NOT NULL,
    lockout_ends_on_password_reset boolean NOT NULL,
    mail json NOT NULL,
    sealed_mail_password bytea,
    requires_authentication boolean NOT NULL,
    data json NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE UNIQUE INDEX tenant_name ON tenant (name_key);

CREATE TABLE application (
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    active boolean NOT NULL,
    roles json NOT NULL,
    requires_authentication boolean NOT NULL,
    allows_token_refresh boolean NOT NULL,
    generates_refresh_tokens boolean NOT NULL,
    data json NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE UNIQUE INDEX application_name ON application (tenant_id, name_key);
CREATE INDEX application_active_name ON application (active, name_key, id);

-- "user" is a reserved word in SQL.
CREATE TABLE users (
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid NOT NULL,
    active boolean NOT NULL,
    staff boolean NOT NULL,
    email text COLLATE "C",
    username text,
    username_key text COLLATE "C",
    phone_number text COLLATE "C",
    login_key text COLLATE "C" NOT NULL,
    password_hash text,
    expires_at bigint NOT NULL,
    password_change_required boolean NOT NULL,
    preferred_languages json NOT NULL,
    profile json NOT NULL,
    data json NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    last_login_at bigint,
    password_updated_at bigint
);
CREATE UNIQUE INDEX users_email ON users (email, tenant_id);
CREATE UNIQUE INDEX users_username ON users (username_key, tenant_id);
CREATE INDEX users_phone_number ON users (phone_number, tenant_id);
CREATE INDEX users_login ON users (login_key, id);
CREATE INDEX users_tenant_login ON users (tenant_id, login_key, id);
CREATE INDEX users_created ON users (created_at, id);

-- Every name, address and number by which a search finds a user, in lower case.
CREATE TABLE user_term (
    user_id uuid NOT NULL,
    term text COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, term)
);
CREATE INDEX user_term_term ON user_term (term, user_id);

CREATE TABLE registration (
    user_id uuid NOT NULL,
    application_id uuid NOT NULL,
    id uuid NOT NULL,
    roles json NOT NULL,
    username text,
    preferred_languages json NOT NULL,
    timezone text,
    data json NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    last_login_at bigint,
    PRIMARY KEY (user_id, application_id)
);
CREATE INDEX registration_application ON registration (application_id, user_id);

-- Wrong passwords of late, for the lockout.
CREATE TABLE failed_login (
    user_id uuid NOT NULL PRIMARY KEY,
    attempts bigint NOT NULL,
    since bigint NOT NULL
);

CREATE TABLE user_comment (
    id uuid NOT NULL PRIMARY KEY,
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    commenter_id uuid NOT NULL,
    comment text NOT NULL,
    created_at bigint NOT NULL
);
CREATE INDEX user_comment_user ON user_comment (user_id, created_at, id);
CREATE INDEX user_comment_commenter ON user_comment (commenter_id, created_at, id);
CREATE INDEX user_comment_created ON user_comment (created_at, id);

CREATE TABLE api_key (
    id uuid NOT NULL PRIMARY KEY,
    hash bytea NOT NULL,
    sealed_key bytea,
    name text,
    name_key text COLLATE "C",
    tenant_id uuid,
    key_manager boolean NOT NULL,
    retrievable boolean NOT NULL,
    permissions json NOT NULL,
    expires_at bigint NOT NULL,
    attributes json NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE UNIQUE INDEX api_key_hash ON api_key (hash);
CREATE UNIQUE INDEX api_key_name ON api_key (name_key);
CREATE INDEX api_key_tenant ON api_key (tenant_id) WHERE tenant_id IS NOT NULL;

CREATE TABLE definition (
    id uuid NOT NULL PRIMARY KEY,
    active boolean NOT NULL,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    localized_names json NOT NULL,
    options json NOT NULL,
    temporal boolean NOT NULL,
    prevents_login boolean NOT NULL,
    sends_end_event boolean NOT NULL,
    emails_user boolean NOT NULL,
    offers_notification boolean NOT NULL,
    event_includes_email boolean NOT NULL,
    transaction_type text NOT NULL,
    start_template_id uuid,
    modify_template_id uuid,
    cancel_template_id uuid,
    end_template_id uuid,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE UNIQUE INDEX definition_name ON definition (name_key);
CREATE INDEX definition_active_name ON definition (active, name_key, id);

CREATE TABLE reason (
    id uuid NOT NULL PRIMARY KEY,
    code text NOT NULL,
    code_key text COLLATE "C" NOT NULL,
    text text NOT NULL,
    text_key text COLLATE "C" NOT NULL,
    localized_texts json NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE UNIQUE INDEX reason_code ON reason (code_key);
CREATE UNIQUE INDEX reason_text ON reason (text_key);

-- Clustered by actionee where the engine can: the actions of one user are read together, always.
CREATE TABLE action (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    actionee_id uuid NOT NULL,
    actioner_id uuid,
    definition_id uuid NOT NULL,
    reason_id uuid,
    application_ids json,
    comment text,
    name text NOT NULL,
    localized_name text NOT NULL,
    option_name text,
    localized_option text,
    reason_code text,
    reason text,
    localized_reason text,
    emails_user_on_end boolean NOT NULL,
    notifies_user_on_end boolean NOT NULL,
    expires_at bigint,
    cancelled_at bigint,
    end_event_sent boolean NOT NULL,
    end_settled boolean NOT NULL DEFAULT FALSE,
    taken_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    history json,
    PRIMARY KEY (actionee_id, id)
);
CREATE UNIQUE INDEX action_id ON action (id);
CREATE INDEX action_tenant ON action (tenant_id, id);
CREATE INDEX action_actioner ON action (actioner_id, id) WHERE actioner_id IS NOT NULL;
CREATE INDEX action_definition ON action (definition_id, id);
CREATE INDEX action_reason ON action (reason_id, id) WHERE reason_id IS NOT NULL;
CREATE INDEX action_expires ON action (expires_at, id) WHERE expires_at IS NOT NULL;
-- The ends that are still to be seen to: an action leaves it when it was cancelled, or when its end
-- is settled, which is whether or not others were told of it.
CREATE INDEX action_end ON action (expires_at)
    WHERE NOT end_settled AND cancelled_at IS NULL AND expires_at < 9223372036854775807;

-- The applications that an action is limited to, for searching by one.
CREATE TABLE action_application (
    action_id uuid NOT NULL,
    application_id uuid NOT NULL,
    PRIMARY KEY (action_id, application_id)
);
CREATE INDEX action_application_application ON action_application (application_id, action_id);

-- The words of an action's comments, by which a search finds it.
CREATE TABLE action_word (
    action_id uuid NOT NULL,
    word text COLLATE "C" NOT NULL,
    PRIMARY KEY (action_id, word)
);
CREATE INDEX action_word_word ON action_word (word, action_id);

CREATE TABLE email_template (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    from_email text,
    from_name text,
    localized_from_names json NOT NULL,
    subject text NOT NULL,
    localized_subjects json NOT NULL,
    html text NOT NULL,
    localized_html json NOT NULL,
    text text NOT NULL,
    localized_text json NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE UNIQUE INDEX email_template_name ON email_template (name_key);

-- Mails on their way to people. What they say is sealed, and gone once they are settled. A claim
-- moves due_at to the end of its lease; it is null when nothing remains to be done.
CREATE TABLE mail (
    id uuid NOT NULL PRIMARY KEY,
    event_id uuid,
    tenant_id uuid NOT NULL,
    template_id uuid NOT NULL,
    user_id uuid,
    sealed_message bytea,
    attempts bigint NOT NULL,
    due_at bigint,
    state text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE INDEX mail_due ON mail (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX mail_settled ON mail (updated_at, id) WHERE due_at IS NULL;
CREATE INDEX mail_user ON mail (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX mail_tenant ON mail (tenant_id);

CREATE TABLE webhook (
    id uuid NOT NULL PRIMARY KEY,
    url text COLLATE "C" NOT NULL,
    connect_timeout bigint NOT NULL,
    read_timeout bigint NOT NULL,
    is_global boolean NOT NULL,
    tenant_ids json NOT NULL,
    events json NOT NULL,
    sealed_headers bytea,
    username text,
    sealed_password bytea,
    signature_enabled boolean NOT NULL,
    signing_key_id uuid,
    ssl_certificate text,
    ssl_certificate_key_id uuid,
    description text COLLATE "C",
    data json NOT NULL,
    failing_since bigint,
    disabled_at bigint,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    sealed_secret bytea NOT NULL,
    sealed_previous_secret bytea,
    previous_secret_until bigint
);

-- The keys that sign what webhooks are sent. The private part of an algorithm with a shared secret
-- is that secret.
CREATE TABLE webhook_key (
    id uuid NOT NULL PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    algorithm text COLLATE "C" NOT NULL,
    family text COLLATE "C" NOT NULL,
    kid text COLLATE "C" NOT NULL,
    length bigint,
    issuer text,
    public_key text,
    certificate text,
    sealed_private_part bytea,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE UNIQUE INDEX webhook_key_name ON webhook_key (name_key);
CREATE UNIQUE INDEX webhook_key_kid ON webhook_key (kid);

-- What callers write into the audit log of the FusionAuth surface.
CREATE TABLE audit_log (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    tenant_id uuid,
    insert_user text COLLATE "C" NOT NULL,
    message text COLLATE "C" NOT NULL,
    reason text,
    old_value json,
    new_value json,
    data json NOT NULL,
    created_at bigint NOT NULL
);
CREATE INDEX audit_log_created ON audit_log (created_at DESC, id);

-- What the server has to say about itself.
CREATE TABLE event_log (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    type text COLLATE "C" NOT NULL,
    message text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL
);
CREATE INDEX event_log_created ON event_log (created_at DESC, id);

-- The audit trail: who changed what, by which credential, from what to what.
CREATE TABLE audit_record (
    id uuid NOT NULL PRIMARY KEY,
    at bigint NOT NULL,
    principal text NOT NULL,
    key_id uuid,
    user_id uuid,
    request_id text NOT NULL,
    tenant_id uuid,
    event_type text COLLATE "C" NOT NULL,
    subject_id uuid,
    before json,
    after json
);
CREATE INDEX audit_record_subject ON audit_record (subject_id, id);

-- Committed changes, to be told to others, in the order in which they were committed.
--
-- A transaction has its number before it draws a position: whoever finds a position missing knows,
-- once all transactions of that moment have ended, that it will never be taken.
CREATE SEQUENCE outbox_position;
CREATE TABLE outbox (
    position bigint NOT NULL PRIMARY KEY
        DEFAULT CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('outbox_position') END,
    id uuid NOT NULL,
    at bigint NOT NULL,
    event_type text COLLATE "C" NOT NULL,
    tenant_id uuid,
    subject_id uuid,
    request_id text NOT NULL,
    payload json NOT NULL
);
CREATE UNIQUE INDEX outbox_id ON outbox (id);
CREATE INDEX outbox_subject ON outbox (subject_id, position);

-- How far those who tell others have got in the outbox, and which node does it until when where only
-- one may.
CREATE TABLE relay (
    name text NOT NULL PRIMARY KEY,
    position bigint NOT NULL,
    owner uuid,
    leased_until bigint NOT NULL
);
INSERT INTO relay (name, position, leased_until) VALUES ('dispatch', 0, 0), ('nats', 0, 0);

-- Events that webhooks were told, or asked about, with the very bytes they are sent.
CREATE TABLE webhook_event (
    id uuid NOT NULL PRIMARY KEY,
    event_type text COLLATE "C" NOT NULL,
    tenant_id uuid,
    linked_id uuid,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    last_attempt_at bigint NOT NULL,
    result text COLLATE "C" NOT NULL,
    successful bigint NOT NULL,
    failed bigint NOT NULL,
    body text NOT NULL
);

-- One event for one webhook. Whoever sends it moves `due_at` to the end of the lease; a settled
-- delivery is not due at all.
CREATE TABLE delivery (
    webhook_id uuid NOT NULL,
    event_id uuid NOT NULL,
    state text NOT NULL,
    attempts bigint NOT NULL,
    tries_left bigint NOT NULL,
    due_at bigint,
    updated_at bigint NOT NULL,
    PRIMARY KEY (webhook_id, event_id)
);
CREATE INDEX delivery_due ON delivery (webhook_id, due_at, event_id) WHERE due_at IS NOT NULL;
CREATE INDEX delivery_event ON delivery (event_id);

-- One call of a webhook, and what came of it.
CREATE TABLE attempt (
    event_id uuid NOT NULL,
    id uuid NOT NULL,
    webhook_id uuid NOT NULL,
    url text NOT NULL,
    started_at bigint NOT NULL,
    ended_at bigint NOT NULL,
    status bigint,
    error text,
    answer text,
    PRIMARY KEY (event_id, id)
);
CREATE UNIQUE INDEX attempt_id ON attempt (id);

-- First answers to writes that carried an Idempotency-Key; the bodies are sealed.
CREATE TABLE idempotency (
    credential bytea NOT NULL,
    key bytea NOT NULL,
    fingerprint bytea NOT NULL,
    status bigint NOT NULL,
    sealed_body bytea NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (credential, key)
);
CREATE INDEX idempotency_at ON idempotency (at);
