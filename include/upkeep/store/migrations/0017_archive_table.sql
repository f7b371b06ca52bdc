-- What a run of the archive did with each table.

create table upkeep.archive_table (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    archived_table text not null,
    cutoff text not null,
    old_rows bigint not null,
    archived_rows bigint not null,
    archived_bytes bigint not null,
    changed_rows bigint not null,
    undated_rows bigint not null,
    infinite_rows bigint not null,
    seconds double precision not null,
    said text not null,
    primary key (duty, target, window_start, window_end, archived_table),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.archive_table is 'What the archive did with each table that is declared for it, one row a table and window.';
comment on column upkeep.archive_table.duty is 'Duty that archived: archive.';
comment on column upkeep.archive_table.target is 'Database that the table is in.';
comment on column upkeep.archive_table.window_start is 'Start of the window, included.';
comment on column upkeep.archive_table.window_end is 'End of the window, excluded.';
comment on column upkeep.archive_table.archived_table is 'Table as the inventory names it.';
comment on column upkeep.archive_table.cutoff is 'Rows dated before this moment were old, local to its time zone; empty when it was not looked at.';
comment on column upkeep.archive_table.old_rows is 'Rows that were old when the run began.';
comment on column upkeep.archive_table.archived_rows is 'Rows that the window''s runs put into files and deleted.';
comment on column upkeep.archive_table.archived_bytes is 'Bytes of these files.';
comment on column upkeep.archive_table.changed_rows is 'Rows that stayed since somebody changed or locked them meanwhile.';
comment on column upkeep.archive_table.undated_rows is 'Rows without a date, which stay.';
comment on column upkeep.archive_table.infinite_rows is 'Rows dated infinity or -infinity, which stay.';
comment on column upkeep.archive_table.seconds is 'How long it took.';
comment on column upkeep.archive_table.said is 'Why nothing, or not all, was archived; empty when all was.';
