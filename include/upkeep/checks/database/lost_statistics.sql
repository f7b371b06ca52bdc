-- Tables with rows of which the server's counters know nothing, as after a crash: no row, no change, no vacuum and no analyze.
-- Caveat: rows are what the catalog says, which outlives a crash. Counting began when the archiver's statistics were last reset.
select
    pg_catalog.format('%I.%I', namespace.nspname, class.relname) as name,
    class.reltuples::float8 as row_count,
    coalesce(
        pg_catalog.pg_stat_get_last_vacuum_time(class.oid),
        pg_catalog.pg_stat_get_last_autovacuum_time(class.oid),
        pg_catalog.pg_stat_get_last_analyze_time(class.oid),
        pg_catalog.pg_stat_get_last_autoanalyze_time(class.oid)
    ) is null
    and pg_catalog.pg_stat_get_live_tuples(class.oid) = 0
    and pg_catalog.pg_stat_get_tuples_inserted(class.oid) = 0
    and pg_catalog.pg_stat_get_tuples_deleted(class.oid) = 0 as lost,
    pg_catalog.to_char(archiver.stats_reset, 'YYYY-MM-DD HH24:MI TZ') as counting_since
from pg_catalog.pg_class as class
inner join pg_catalog.pg_namespace as namespace
    on namespace.oid = class.relnamespace
cross join pg_catalog.pg_stat_archiver as archiver
where class.relkind in ('r', 'm')
and class.relpersistence = 'p'
and class.reltuples > 0
and namespace.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
order by
    row_count desc,
    name
