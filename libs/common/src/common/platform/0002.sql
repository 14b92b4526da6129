-- Mails: written in the transaction that makes them due, sent afterwards, kept as the proof that they were.
-- `text` is rewritten by nothing; what changes at each try is small, and stays in its page (HOT) but for `next_at`.
CREATE TABLE mail (
    id uuid CONSTRAINT pk_mail PRIMARY KEY,
    recipient text NOT NULL,
    subject text NOT NULL,
    text text NOT NULL,
    message_id text NOT NULL,
    status text NOT NULL DEFAULT 'waiting'
        CONSTRAINT ck_mail_status CHECK (status IN ('waiting', 'sent', 'refused', 'abandoned')),
    posted_at timestamptz NOT NULL,
    waiting_since timestamptz NOT NULL,
    next_at timestamptz NOT NULL,
    first_tried_at timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    reply text,
    settled_at timestamptz,
    kept_days integer NOT NULL DEFAULT 1825 CONSTRAINT ck_mail_kept_days CHECK (kept_days > 0),
    traceparent text,
    CONSTRAINT ck_mail_settled CHECK ((status = 'waiting') = (settled_at IS NULL))
);
CREATE INDEX ix_mail_due ON mail (next_at, id) WHERE status = 'waiting';
CREATE INDEX ix_mail_status ON mail (status, id);
CREATE INDEX ix_mail_kept_until ON mail (((settled_at AT TIME ZONE 'UTC') + kept_days * interval '1 day'));
