create table upkeep.table_maintenance (
    id text not null primary key,
    duty text not null,
    target text not null,
    table_name text not null,
    action text not null check (action in ('vacuum', 'analyze')),
    reasons text[] not null,
    outcome text not null check (outcome in ('running', 'done', 'locked', 'gave_way', 'out_of_time', 'not_permitted', 'vanished', 'failed', 'interrupted')),
    said text not null,
    begun_at timestamptz not null,
    seconds double precision,
    predicted_rows double precision,
    removed_rows double precision,
    kept_rows double precision,
    wal_bytes double precision,
    held_back_by text,
    before jsonb not null,
    after jsonb not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    dag_id text not null,
    run_id text not null,
    task_id text not null,
    map_index integer not null
);
comment on table upkeep.table_maintenance is
'Vacuum and analyze of tables, one row for each table and time, with its shape before and after. Rows stay when the same question is put again.';
comment on column upkeep.table_maintenance.id is 'Made up when the work began.';
comment on column upkeep.table_maintenance.duty is 'Job that did it: vacuum or statistics.';
comment on column upkeep.table_maintenance.target is 'Database of the inventory.';
comment on column upkeep.table_maintenance.table_name is 'Table, with its schema, quoted where needed.';
comment on column upkeep.table_maintenance.action is 'What was done: vacuum or analyze.';
comment on column upkeep.table_maintenance.reasons is 'Why it was needed, in words with the numbers.';
comment on column upkeep.table_maintenance.outcome is 'What came of it. Only done means that it was done; gave_way: somebody waited for it; interrupted: the run was killed meanwhile.';
comment on column upkeep.table_maintenance.said is 'What the server said when it was not done.';
comment on column upkeep.table_maintenance.begun_at is 'When the work on this table began.';
comment on column upkeep.table_maintenance.seconds is 'How long it took; null while it runs.';
comment on column upkeep.table_maintenance.predicted_rows is 'Rows that were expected to be removed, as counted before; null for analyze.';
comment on column upkeep.table_maintenance.removed_rows is 'Rows that vacuum removed, with those of TOAST; null where the server did not say.';
comment on column upkeep.table_maintenance.kept_rows is 'Dead rows that could not be removed since somebody may still need them; null where the server did not say.';
comment on column upkeep.table_maintenance.wal_bytes is 'WAL written for it; null before version 15, and for analyze.';
comment on column upkeep.table_maintenance.held_back_by is 'Who may still need the rows that were kept: session, slot, prepared transaction or standby.';
comment on column upkeep.table_maintenance.before is 'Shape before: live, dead, changed (rows), table_bytes, index_bytes, pages, visible_pages, xid_age, multixact_age.';
comment on column upkeep.table_maintenance.after is 'Shape after, the same numbers.';
comment on column upkeep.table_maintenance.window_start is 'Start of the window of the run that did it, included.';
comment on column upkeep.table_maintenance.window_end is 'End of that window, excluded.';
comment on column upkeep.table_maintenance.dag_id is 'DAG that did it; empty for a command.';
comment on column upkeep.table_maintenance.run_id is 'Run that did it; empty for a command.';
comment on column upkeep.table_maintenance.task_id is 'Task that did it; empty for a command.';
comment on column upkeep.table_maintenance.map_index is 'Instance of that task; -1 for a command.';
create index table_maintenance_by_target on upkeep.table_maintenance (target, begun_at);
