-- Messages to people: written in the report database first, delivered from there, so that none is lost or doubled.

create table upkeep.message (
    key text primary key,
    thread text not null,
    kind text not null check (kind in ('summary', 'backfill', 'failure')),
    body jsonb not null,
    final boolean not null,
    revision integer not null default 1,
    state text not null default 'pending' check (state in ('pending', 'sent', 'counted', 'failed')),
    attempts integer not null default 0,
    next_attempt_at timestamptz not null default pg_catalog.clock_timestamp(),
    claimed_until timestamptz,
    delivery_uncertain boolean not null default false,
    delivered_revision integer,
    delivered_at timestamptz,
    slack_ref jsonb,
    error text,
    created_at timestamptz not null default pg_catalog.clock_timestamp(),
    changed_at timestamptz not null default pg_catalog.clock_timestamp()
);
create index message_pending on upkeep.message (next_attempt_at) where state = 'pending';
create index message_by_thread on upkeep.message (thread, kind);
comment on table upkeep.message is 'Outbox: what people are to be told, how far that has got, and where it stands in Slack.';
comment on column upkeep.message.key is 'What the message says, so that saying it again changes it instead of adding one.';
comment on column upkeep.message.thread is 'Thread it belongs to: one for a window of a cadence, one for a whole backfill.';
comment on column upkeep.message.kind is 'summary of a run or backfill of many heads a thread; failure is a reply in it.';
comment on column upkeep.message.body is 'text (fallback) and blocks as Slack takes them; parts are the windows of a backfill.';
comment on column upkeep.message.final is 'False while the run works: such a message may wait for its next revision, and a webhook does not send it.';
comment on column upkeep.message.revision is 'Raised whenever the body changes.';
comment on column upkeep.message.state is 'pending: something is to be sent; sent; counted: told as a number in the summary only; failed: a person must mend the connection.';
comment on column upkeep.message.attempts is 'Tries since the last success.';
comment on column upkeep.message.next_attempt_at is 'Not to be tried before.';
comment on column upkeep.message.claimed_until is 'A process is sending it; after this moment that process counts as dead.';
comment on column upkeep.message.delivery_uncertain is 'A try was begun and nobody knows whether Slack took it: look there before sending again.';
comment on column upkeep.message.delivered_revision is 'Revision that Slack shows.';
comment on column upkeep.message.delivered_at is 'When Slack took that revision.';
comment on column upkeep.message.slack_ref is 'Where it stands: channel and ts of the bot API; empty for a webhook, which tells neither.';
comment on column upkeep.message.error is 'Why the last try did not work, and what to do.';
comment on column upkeep.message.created_at is 'When it was first written.';
comment on column upkeep.message.changed_at is 'When its body last changed.';
