-- Shapes of queries by week: what came, what went, what runs otherwise than before.

create table upkeep.query_pattern (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    shape text not null,
    text text not null,
    kind text not null check (kind in ('new', 'vanished', 'changed', 'steady', 'not compared')),
    calls bigint not null check (calls >= 0),
    total_ms double precision not null check (total_ms >= 0),
    rows bigint not null,
    calls_before double precision,
    total_ms_before double precision,
    calls_per_transaction double precision,
    primary key (duty, target, window_start, window_end, shape),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.query_pattern is
'Shapes of queries, the dearest of each window and of the one before it; one row for each shape, target and window.';
comment on column upkeep.query_pattern.duty is 'Duty that looked: query_patterns.';
comment on column upkeep.query_pattern.target is 'Database.';
comment on column upkeep.query_pattern.window_start is 'Start of the window, included.';
comment on column upkeep.query_pattern.window_end is 'End of the window, excluded.';
comment on column upkeep.query_pattern.shape is 'Fingerprint of the text without constants: the same after an upgrade or a restore.';
comment on column upkeep.query_pattern.text is 'Text without constants.';
comment on column upkeep.query_pattern.kind is
'new, vanished, changed (runs far more often or brings far more rows), steady, or not compared (first look, reset, upgrade, evictions).';
comment on column upkeep.query_pattern.calls is 'Calls since the look before.';
comment on column upkeep.query_pattern.total_ms is 'Time of these calls, milliseconds.';
comment on column upkeep.query_pattern.rows is 'Rows that they brought or changed.';
comment on column upkeep.query_pattern.calls_before is 'Calls of the span before, for as long a time; null when not compared.';
comment on column upkeep.query_pattern.total_ms_before is 'Time of the span before, for as long a time, milliseconds; null when not compared.';
comment on column upkeep.query_pattern.calls_per_transaction is 'Calls for each transaction of the database; null when these were reset.';
