-- Transactions of this database and since when they are counted, with each table's full scans. One row for each table that was
-- scanned, or one alone. Caveat: rows and sizes are of the last vacuum or analyze.
select
    database.xact_commit + database.xact_rollback as transactions,
    database.stats_reset as counted_since,
    pg_catalog.current_setting('server_version_num')::int8 / 10000 as major,
    case when tables.relid is null then '' else pg_catalog.format('%I.%I', tables.schemaname, tables.relname) end as name,
    coalesce(tables.seq_scan, 0) as scans,
    coalesce(tables.seq_tup_read, 0) as scanned_rows,
    coalesce(greatest(class.reltuples, 0), 0)::int8 as rows,
    coalesce(class.relpages, 0)::int8 * pg_catalog.current_setting('block_size')::int8 as bytes
from pg_catalog.pg_stat_database as database
left join pg_catalog.pg_stat_user_tables as tables
    on tables.seq_scan > 0
left join pg_catalog.pg_class as class
    on class.oid = tables.relid
where database.datname = pg_catalog.current_database()
order by name
