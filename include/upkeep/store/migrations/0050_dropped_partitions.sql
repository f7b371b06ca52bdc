-- How many partitions left a table as a whole.

alter table upkeep.archive_table
    add column dropped_partitions bigint not null default 0;
comment on column upkeep.archive_table.dropped_partitions
    is 'Partitions that were wholly old, and were detached and dropped after all of their rows were archived.';
