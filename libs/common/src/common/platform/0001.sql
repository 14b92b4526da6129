-- The event promise: stream, outbox, archive on the way out; inbox, marks and parked events on the way in.

-- The last sequence given to each aggregate. Its row lock orders concurrent writers of one aggregate.
CREATE TABLE event_stream (
    topic text NOT NULL,
    aggregate_id uuid NOT NULL,
    sequence bigint NOT NULL,
    CONSTRAINT pk_event_stream PRIMARY KEY (topic, aggregate_id)
);

-- Facts committed and not yet acknowledged by the broker. Small: acknowledged rows move to the archive.
CREATE TABLE event_outbox (
    id bigint GENERATED ALWAYS AS IDENTITY (CACHE 1) CONSTRAINT pk_event_outbox PRIMARY KEY,
    event_id uuid NOT NULL,
    topic text NOT NULL,
    aggregate_id uuid NOT NULL,
    sequence bigint NOT NULL,
    bucket smallint NOT NULL,
    type text NOT NULL,
    payload bytea NOT NULL,
    traceparent text,
    actor text NOT NULL,
    reason text,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    replayed boolean NOT NULL DEFAULT false,
    dropped_through bigint,
    quarantined_at timestamptz,
    fault text,
    CONSTRAINT uq_event_outbox_aggregate UNIQUE (topic, aggregate_id, sequence)
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_limit = 2000);
CREATE INDEX ix_event_outbox_bucket ON event_outbox (bucket, id);
CREATE INDEX ix_event_outbox_quarantined ON event_outbox (topic, aggregate_id) WHERE quarantined_at IS NOT NULL;

-- Facts that the broker refused and ops gave up: on the bus, another stands in the place of each.
CREATE TABLE event_discarded (
    event_id uuid CONSTRAINT pk_event_discarded PRIMARY KEY,
    topic text NOT NULL,
    aggregate_id uuid NOT NULL,
    sequence bigint NOT NULL,
    type text NOT NULL,
    payload bytea NOT NULL,
    actor text NOT NULL,
    occurred_at timestamptz NOT NULL,
    quarantined_at timestamptz NOT NULL,
    fault text,
    discarded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    discarded_by text NOT NULL,
    reason text NOT NULL
);

-- The ledger: every fact the broker acknowledged. `position` grows in commit order (archiving is serialised),
-- so it is a safe cursor for feeds and streams. A day past its keeping is dropped whole, never swept.
CREATE SEQUENCE event_archive_position CACHE 1;
CREATE TABLE event_archive (
    position bigint NOT NULL DEFAULT nextval('event_archive_position'),
    event_id uuid NOT NULL,
    topic text NOT NULL,
    aggregate_id uuid NOT NULL,
    sequence bigint NOT NULL,
    bucket smallint NOT NULL,
    type text NOT NULL,
    payload bytea NOT NULL,
    traceparent text,
    actor text NOT NULL,
    reason text,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    archived_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    day date NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'UTC')::date
) PARTITION BY RANGE (day);
-- What is latest of its aggregate when its day is dropped. A partition of its own: the default one must stay all but
-- empty, because making a day reads it whole while every reader of the ledger waits.
CREATE TABLE event_archive_latest PARTITION OF event_archive FOR VALUES FROM ('-infinity') TO ('0001-01-01');
-- What was acknowledged on a day that nobody had prepared: the clock jumped.
CREATE TABLE event_archive_default PARTITION OF event_archive DEFAULT;
CREATE INDEX ix_event_archive_position ON event_archive (position);
CREATE INDEX ix_event_archive_event ON event_archive (event_id);
CREATE INDEX ix_event_archive_aggregate ON event_archive (topic, aggregate_id, sequence);
-- Holds all that a digest by day and bucket reads, so that it never touches payloads.
CREATE INDEX ix_event_archive_occurred ON event_archive (topic, occurred_at) INCLUDE (bucket, event_id);

-- Up to which sequence an aggregate's history is no longer in the ledger: a reader that misses it is told so.
CREATE TABLE event_dropped (
    topic text NOT NULL,
    aggregate_id uuid NOT NULL,
    sequence bigint NOT NULL,
    CONSTRAINT pk_event_dropped PRIMARY KEY (topic, aggregate_id)
);

-- The last position dropped of each topic: a feed cannot be resumed from before it.
CREATE TABLE event_feed_start (
    topic text CONSTRAINT pk_event_feed_start PRIMARY KEY,
    position bigint NOT NULL
);

-- Every event a consumer took charge of, applied or parked: a repeat finds itself here. `day` (UTC) is when the fact
-- occurred, `bucket` its producer's: what the two sides compare. The sweep deletes at one end what
-- comes in at the other: at PostgreSQL's 20 % a month's rows would be 6 days of dead ones, met by each sweep.
CREATE TABLE event_inbox (
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    topic text NOT NULL,
    day date NOT NULL,
    bucket smallint NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_event_inbox PRIMARY KEY (consumer, event_id)
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.05,
        autovacuum_vacuum_cost_limit = 2000);
CREATE INDEX ix_event_inbox_received ON event_inbox (received_at);
CREATE INDEX ix_event_inbox_day ON event_inbox (topic, day);

-- The last sequence a consumer settled for each aggregate. Kept for ever: it outlives the inbox's retention.
-- Rewritten with every event: room in each page lets an update stay there (HOT), with no index to write or vacuum.
CREATE TABLE event_mark (
    consumer text NOT NULL,
    topic text NOT NULL,
    aggregate_id uuid NOT NULL,
    sequence bigint NOT NULL,
    dropped_through bigint NOT NULL DEFAULT 0,
    CONSTRAINT pk_event_mark PRIMARY KEY (consumer, topic, aggregate_id)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

-- Events taken charge of and not applied: the one that failed, those behind it, those that wait for a missing one.
CREATE TABLE event_parked (
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    topic text NOT NULL,
    aggregate_id uuid NOT NULL,
    sequence bigint NOT NULL,
    type text NOT NULL,
    source text NOT NULL,
    payload bytea NOT NULL,
    traceparent text,
    occurred_at timestamptz NOT NULL,
    why text NOT NULL CONSTRAINT ck_event_parked_why CHECK (why IN ('failed', 'behind', 'gap')),
    fault text,
    attempts integer NOT NULL DEFAULT 1,
    parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    asked_at timestamptz,
    settled_at timestamptz,
    settled_as text CONSTRAINT ck_event_parked_settled CHECK (settled_as IN ('applied', 'discarded')),
    settled_by text,
    reason text,
    CONSTRAINT pk_event_parked PRIMARY KEY (consumer, event_id)
);
CREATE INDEX ix_event_parked_waiting ON event_parked (consumer, topic, aggregate_id, sequence) WHERE settled_at IS NULL;

-- Records whose envelope could not be read: no aggregate to hold, kept to the byte as they came. Header names are bytes
-- too: no text column holds a nul character. The digest keeps a repeat from being kept twice.
CREATE TABLE event_unreadable (
    id uuid CONSTRAINT pk_event_unreadable PRIMARY KEY,
    consumer text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    record_offset bigint NOT NULL,
    record_key bytea,
    header_names bytea[] NOT NULL,
    header_values bytea[] NOT NULL,
    payload bytea,
    fault text NOT NULL,
    digest bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    settled_at timestamptz,
    settled_as text CONSTRAINT ck_event_unreadable_settled CHECK (settled_as IN ('redriven', 'discarded')),
    settled_by text,
    reason text,
    CONSTRAINT uq_event_unreadable_digest UNIQUE (consumer, topic, digest)
);
CREATE INDEX ix_event_unreadable_waiting ON event_unreadable (consumer, id) WHERE settled_at IS NULL;

-- The HTTP door: answers already given to an idempotency key.
CREATE TABLE idempotency_key (
    actor text NOT NULL,
    key text NOT NULL,
    route text NOT NULL,
    body_hash bytea NOT NULL,
    status integer NOT NULL,
    headers jsonb NOT NULL,
    body bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_idempotency_key PRIMARY KEY (actor, key)
);
CREATE INDEX ix_idempotency_key_created ON idempotency_key (created_at);

-- Long work: a job moves in steps, each its own transaction with its effects and its cursor.
CREATE TABLE job (
    id uuid CONSTRAINT pk_job PRIMARY KEY,
    kind text NOT NULL,
    subject_id uuid,
    arguments jsonb NOT NULL,
    status text NOT NULL DEFAULT 'queued'
        CONSTRAINT ck_job_status CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    cursor jsonb NOT NULL DEFAULT '{}',
    done integer NOT NULL DEFAULT 0,
    total integer,
    counts jsonb NOT NULL DEFAULT '{}',
    failure jsonb,
    attempts integer NOT NULL DEFAULT 0,
    run_after timestamptz NOT NULL,
    cancel_requested boolean NOT NULL DEFAULT false,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    ended_at timestamptz,
    traceparent text
);
CREATE INDEX ix_job_due ON job (run_after, id) WHERE status IN ('queued', 'running');
CREATE INDEX ix_job_created_by ON job (created_by, id);
CREATE INDEX ix_job_subject ON job (subject_id, id);

CREATE TABLE job_receipt (
    job_id uuid NOT NULL CONSTRAINT fk_job_receipt_job REFERENCES job (id) ON DELETE CASCADE,
    row integer NOT NULL,
    outcome text NOT NULL,
    code text,
    message text,
    subject_id uuid,
    reference text,
    CONSTRAINT pk_job_receipt PRIMARY KEY (job_id, row)
);

-- Gapless numbers: one row per legal entity, journal and year; its row lock is the only lock of a run.
CREATE TABLE number_series (
    entity text NOT NULL,
    journal text NOT NULL,
    year integer NOT NULL,
    last integer NOT NULL,
    CONSTRAINT pk_number_series PRIMARY KEY (entity, journal, year)
);
