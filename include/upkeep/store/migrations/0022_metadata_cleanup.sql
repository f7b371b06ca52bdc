-- What was cleaned of Airflow's metadata database, by its own command and after approval.

create table upkeep.metadata_cleanup (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    table_name text not null,
    clean_before timestamptz not null,
    rows_approved bigint not null check (rows_approved >= 0),
    rows_left bigint not null check (rows_left >= 0),
    archived_to text,
    primary key (duty, target, window_start, window_end, table_name),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.metadata_cleanup is
'Old rows of Airflow''s metadata that `airflow db clean` deleted after approval, one row for each table and window.';
comment on column upkeep.metadata_cleanup.duty is 'Job that had it cleaned: metadata_retention.';
comment on column upkeep.metadata_cleanup.target is 'The metadata database.';
comment on column upkeep.metadata_cleanup.window_start is 'Start of the window, included.';
comment on column upkeep.metadata_cleanup.window_end is 'End of the window, excluded.';
comment on column upkeep.metadata_cleanup.table_name is 'Table that was cleaned.';
comment on column upkeep.metadata_cleanup.clean_before is 'Rows before this moment were to go.';
comment on column upkeep.metadata_cleanup.rows_approved is 'Rows that were shown and approved.';
comment on column upkeep.metadata_cleanup.rows_left is 'Rows that the command still found afterwards; 0 when all are gone.';
comment on column upkeep.metadata_cleanup.archived_to is 'Folder that they were exported to; null when they were not kept.';
