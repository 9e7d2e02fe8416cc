-- Everything that the first release keeps.
--
-- Instants are milliseconds since the Unix epoch; an end that never comes is the largest one, so
-- that one comparison answers "is it over?". `*_key` columns hold a text in lower case, for
-- uniqueness and order without regard to case. Ids sort by the time they were made.

CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE signing_key (
    id BLOB NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    sealed_private_key BLOB NOT NULL,
    public_key TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX signing_key_purpose ON signing_key (purpose, id);

CREATE TABLE tenant (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    issuer TEXT NOT NULL,
    events TEXT NOT NULL,
    lockout_definition_id BLOB,
    lockout_attempts INTEGER NOT NULL,
    lockout_window_seconds INTEGER NOT NULL,
    lockout_length INTEGER NOT NULL,
    lockout_unit TEXT NOT NULL,
    lockout_emails_user INTEGER NOT NULL,
    lockout_ends_on_password_reset INTEGER NOT NULL,
    mail TEXT NOT NULL,
    sealed_mail_password BLOB,
    requires_authentication INTEGER NOT NULL,
    data TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX tenant_name ON tenant (name_key);

CREATE TABLE application (
    id BLOB NOT NULL PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    active INTEGER NOT NULL,
    roles TEXT NOT NULL,
    requires_authentication INTEGER NOT NULL,
    allows_token_refresh INTEGER NOT NULL,
    generates_refresh_tokens INTEGER NOT NULL,
    data TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX application_name ON application (tenant_id, name_key);
CREATE INDEX application_active_name ON application (active, name_key, id);

-- "user" is a reserved word in SQL.
CREATE TABLE users (
    id BLOB NOT NULL PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    active INTEGER NOT NULL,
    staff INTEGER NOT NULL,
    email TEXT,
    username TEXT,
    username_key TEXT,
    phone_number TEXT,
    login_key TEXT NOT NULL,
    password_hash TEXT,
    expires_at INTEGER NOT NULL,
    password_change_required INTEGER NOT NULL,
    preferred_languages TEXT NOT NULL,
    profile TEXT NOT NULL,
    data TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    last_login_at INTEGER,
    password_updated_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX users_email ON users (email, tenant_id);
CREATE UNIQUE INDEX users_username ON users (username_key, tenant_id);
CREATE INDEX users_phone_number ON users (phone_number, tenant_id);
CREATE INDEX users_login ON users (login_key, id);
CREATE INDEX users_tenant_login ON users (tenant_id, login_key, id);
CREATE INDEX users_created ON users (created_at, id);

-- Every name, address and number by which a search finds a user, in lower case.
CREATE TABLE user_term (
    user_id BLOB NOT NULL,
    term TEXT NOT NULL,
    PRIMARY KEY (user_id, term)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_term_term ON user_term (term, user_id);

CREATE TABLE registration (
    user_id BLOB NOT NULL,
    application_id BLOB NOT NULL,
    id BLOB NOT NULL,
    roles TEXT NOT NULL,
    username TEXT,
    preferred_languages TEXT NOT NULL,
    timezone TEXT,
    data TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    last_login_at INTEGER,
    PRIMARY KEY (user_id, application_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX registration_application ON registration (application_id, user_id);

-- Wrong passwords of late, for the lockout.
CREATE TABLE failed_login (
    user_id BLOB NOT NULL PRIMARY KEY,
    attempts INTEGER NOT NULL,
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE user_comment (
    id BLOB NOT NULL PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    commenter_id BLOB NOT NULL,
    comment TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX user_comment_user ON user_comment (user_id, created_at, id);
CREATE INDEX user_comment_commenter ON user_comment (commenter_id, created_at, id);
CREATE INDEX user_comment_created ON user_comment (created_at, id);

CREATE TABLE api_key (
    id BLOB NOT NULL PRIMARY KEY,
    hash BLOB NOT NULL,
    sealed_key BLOB,
    name TEXT,
    name_key TEXT,
    tenant_id BLOB,
    key_manager INTEGER NOT NULL,
    retrievable INTEGER NOT NULL,
    permissions TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    attributes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX api_key_hash ON api_key (hash);
CREATE UNIQUE INDEX api_key_name ON api_key (name_key);
CREATE INDEX api_key_tenant ON api_key (tenant_id) WHERE tenant_id IS NOT NULL;

CREATE TABLE definition (
    id BLOB NOT NULL PRIMARY KEY,
    active INTEGER NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    localized_names TEXT NOT NULL,
    options TEXT NOT NULL,
    temporal INTEGER NOT NULL,
    prevents_login INTEGER NOT NULL,
    sends_end_event INTEGER NOT NULL,
    emails_user INTEGER NOT NULL,
    offers_notification INTEGER NOT NULL,
    event_includes_email INTEGER NOT NULL,
    transaction_type TEXT NOT NULL,
    start_template_id BLOB,
    modify_template_id BLOB,
    cancel_template_id BLOB,
    end_template_id BLOB,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX definition_name ON definition (name_key);
CREATE INDEX definition_active_name ON definition (active, name_key, id);

CREATE TABLE reason (
    id BLOB NOT NULL PRIMARY KEY,
    code TEXT NOT NULL,
    code_key TEXT NOT NULL,
    text TEXT NOT NULL,
    text_key TEXT NOT NULL,
    localized_texts TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX reason_code ON reason (code_key);
CREATE UNIQUE INDEX reason_text ON reason (text_key);

-- Clustered by actionee where the engine can: the actions of one user are read together, always.
CREATE TABLE action (
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
    end_event_sent INTEGER NOT NULL,
    end_settled INTEGER NOT NULL DEFAULT 0,
    taken_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    history TEXT,
    PRIMARY KEY (actionee_id, id)
) STRICT, WITHOUT ROWID;
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
    action_id BLOB NOT NULL,
    application_id BLOB NOT NULL,
    PRIMARY KEY (action_id, application_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX action_application_application ON action_application (application_id, action_id);

-- The words of an action's comments, by which a search finds it.
CREATE TABLE action_word (
    action_id BLOB NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (action_id, word)
) STRICT, WITHOUT ROWID;
CREATE INDEX action_word_word ON action_word (word, action_id);

CREATE TABLE email_template (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    from_email TEXT,
    from_name TEXT,
    localized_from_names TEXT NOT NULL,
    subject TEXT NOT NULL,
    localized_subjects TEXT NOT NULL,
    html TEXT NOT NULL,
    localized_html TEXT NOT NULL,
    text TEXT NOT NULL,
    localized_text TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX email_template_name ON email_template (name_key);

-- Mails on their way to people. What they say is sealed, and gone once they are settled. A claim
-- moves due_at to the end of its lease; it is null when nothing remains to be done.
CREATE TABLE mail (
    id BLOB NOT NULL PRIMARY KEY,
    event_id BLOB,
    tenant_id BLOB NOT NULL,
    template_id BLOB NOT NULL,
    user_id BLOB,
    sealed_message BLOB,
    attempts INTEGER NOT NULL,
    due_at INTEGER,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX mail_due ON mail (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX mail_settled ON mail (updated_at, id) WHERE due_at IS NULL;
CREATE INDEX mail_user ON mail (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX mail_tenant ON mail (tenant_id);

CREATE TABLE webhook (
    id BLOB NOT NULL PRIMARY KEY,
    url TEXT NOT NULL,
    connect_timeout INTEGER NOT NULL,
    read_timeout INTEGER NOT NULL,
    is_global INTEGER NOT NULL,
    tenant_ids TEXT NOT NULL,
    events TEXT NOT NULL,
    sealed_headers BLOB,
    username TEXT,
    sealed_password BLOB,
    signature_enabled INTEGER NOT NULL,
    signing_key_id BLOB,
    ssl_certificate TEXT,
    ssl_certificate_key_id BLOB,
    description TEXT,
    data TEXT NOT NULL,
    failing_since INTEGER,
    disabled_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    sealed_secret BLOB NOT NULL,
    sealed_previous_secret BLOB,
    previous_secret_until INTEGER
) STRICT;

-- The keys that sign what webhooks are sent. The private part of an algorithm with a shared secret
-- is that secret.
CREATE TABLE webhook_key (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    family TEXT NOT NULL,
    kid TEXT NOT NULL,
    length INTEGER,
    issuer TEXT,
    public_key TEXT,
    certificate TEXT,
    sealed_private_part BLOB,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX webhook_key_name ON webhook_key (name_key);
CREATE UNIQUE INDEX webhook_key_kid ON webhook_key (kid);

-- What callers write into the audit log of the FusionAuth surface.
CREATE TABLE audit_log (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    tenant_id BLOB,
    insert_user TEXT NOT NULL,
    message TEXT NOT NULL,
    reason TEXT,
    old_value TEXT,
    new_value TEXT,
    data TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_log_created ON audit_log (created_at DESC, id);

-- What the server has to say about itself.
CREATE TABLE event_log (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    type TEXT NOT NULL,
    message TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX event_log_created ON event_log (created_at DESC, id);

-- The audit trail: who changed what, by which credential, from what to what.
CREATE TABLE audit_record (
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
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_record_subject ON audit_record (subject_id, id);

-- Committed changes, to be told to others, in the order in which they were committed.
CREATE TABLE outbox (
    position INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL,
    at INTEGER NOT NULL,
    event_type TEXT NOT NULL,
    tenant_id BLOB,
    subject_id BLOB,
    request_id TEXT NOT NULL,
    payload TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX outbox_id ON outbox (id);
CREATE INDEX outbox_subject ON outbox (subject_id, position);

-- How far those who tell others have got in the outbox, and which node does it until when where only
-- one may.
CREATE TABLE relay (
    name TEXT NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL,
    owner BLOB,
    leased_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO relay (name, position, leased_until) VALUES ('dispatch', 0, 0), ('nats', 0, 0);

-- Events that webhooks were told, or asked about, with the very bytes they are sent.
CREATE TABLE webhook_event (
    id BLOB NOT NULL PRIMARY KEY,
    event_type TEXT NOT NULL,
    tenant_id BLOB,
    linked_id BLOB,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    last_attempt_at INTEGER NOT NULL,
    result TEXT NOT NULL,
    successful INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One event for one webhook. Whoever sends it moves `due_at` to the end of the lease; a settled
-- delivery is not due at all.
CREATE TABLE delivery (
    webhook_id BLOB NOT NULL,
    event_id BLOB NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    tries_left INTEGER NOT NULL,
    due_at INTEGER,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (webhook_id, event_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_due ON delivery (webhook_id, due_at, event_id) WHERE due_at IS NOT NULL;
CREATE INDEX delivery_event ON delivery (event_id);

-- One call of a webhook, and what came of it.
CREATE TABLE attempt (
    event_id BLOB NOT NULL,
    id BLOB NOT NULL,
    webhook_id BLOB NOT NULL,
    url TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    status INTEGER,
    error TEXT,
    answer TEXT,
    PRIMARY KEY (event_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX attempt_id ON attempt (id);

-- First answers to writes that carried an Idempotency-Key; the bodies are sealed.
CREATE TABLE idempotency (
    credential BLOB NOT NULL,
    key BLOB NOT NULL,
    fingerprint BLOB NOT NULL,
    status INTEGER NOT NULL,
    sealed_body BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (credential, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_at ON idempotency (at);
