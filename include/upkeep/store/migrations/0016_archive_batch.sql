-- Files of archives, as their manifests in the object store say.

create table upkeep.archive_batch (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    batch text not null,
    archived_table text not null,
    relation text not null,
    location text not null,
    rows bigint not null check (rows > 0),
    bytes bigint not null check (bytes > 0),
    digest text not null,
    sha256 text not null,
    first text not null,
    before text not null,
    copied_at timestamptz not null,
    primary key (duty, target, window_start, window_end, batch),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.archive_batch is
'Files of archived rows that were published in a window, one row for each. The manifest beside the file is what counts.';
comment on column upkeep.archive_batch.duty is 'Duty that archived: archive.';
comment on column upkeep.archive_batch.target is 'Database that the rows were in.';
comment on column upkeep.archive_batch.window_start is 'Start of the window, included.';
comment on column upkeep.archive_batch.window_end is 'End of the window, excluded.';
comment on column upkeep.archive_batch.batch is 'Name of the file and of its manifest; later ones sort after it.';
comment on column upkeep.archive_batch.archived_table is 'Table as the inventory names it.';
comment on column upkeep.archive_batch.relation is 'Table or partition that the rows were in.';
comment on column upkeep.archive_batch.location is 'URL of the Parquet file.';
comment on column upkeep.archive_batch.rows is 'Rows in it, each deleted from the table.';
comment on column upkeep.archive_batch.bytes is 'Bytes of the file.';
comment on column upkeep.archive_batch.digest is 'XXH3 (128 bits) of the rows as COPY writes them, hexadecimal.';
comment on column upkeep.archive_batch.sha256 is 'SHA-256 of the file, hexadecimal.';
comment on column upkeep.archive_batch.first is 'Start of the period that its rows are dated in, local to the archive''s time zone.';
comment on column upkeep.archive_batch.before is 'End of that period, excluded.';
comment on column upkeep.archive_batch.copied_at is 'When the rows were copied.';
