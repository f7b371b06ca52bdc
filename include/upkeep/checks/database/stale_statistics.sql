-- Tables with what changed since their last analyze, the change after which autovacuum would analyze, and rows as counted and as estimated.
-- Caveat: counted since the last reset of statistics on this node. A partitioned table is the sum of its partitions; autovacuum skips it.
-- Its changes are at least those that its partitions had since their own analyze.
with recursive member as (
    select
        class.oid as root,
        class.oid as part
    from pg_catalog.pg_class as class
    where class.relkind = 'p'
    union all
    select
        member.root,
        inherits.inhrelid
    from member
    inner join pg_catalog.pg_inherits as inherits
        on inherits.inhparent = member.part
),

below as (
    select
        member.root,
        sum(pg_catalog.pg_stat_get_live_tuples(member.part))::int8 as live,
        sum(pg_catalog.pg_stat_get_mod_since_analyze(member.part))::int8 as changed
    from member
    inner join pg_catalog.pg_class as part
        on part.oid = member.part
        and part.relkind = 'r'
    group by member.root
),

tuned as (
    select
        class.oid,
        max(option.option_value) filter (where option.option_name = 'autovacuum_analyze_threshold')::float8 as threshold,
        max(option.option_value) filter (where option.option_name = 'autovacuum_analyze_scale_factor')::float8 as scale,
        max(option.option_value) filter (where option.option_name = 'autovacuum_enabled') as enabled
    from pg_catalog.pg_class as class
    cross join lateral pg_catalog.pg_options_to_table(class.reloptions) as option
    where class.relkind in ('r', 'm')
    and class.reloptions is not null
    group by class.oid
)

select
    pg_catalog.format('%I.%I', namespace.nspname, class.relname) as name,
    class.relkind = 'p' as partitioned,
    class.reltuples::float8 as estimated,
    case when class.relkind = 'p' then coalesce(below.live, 0) else pg_catalog.pg_stat_get_live_tuples(class.oid) end::float8 as live,
    case when class.relkind = 'p' then coalesce(below.changed, 0) else pg_catalog.pg_stat_get_mod_since_analyze(class.oid) end::float8
        as changed,
    coalesce(tuned.threshold, pg_catalog.current_setting('autovacuum_analyze_threshold')::float8)
    + coalesce(tuned.scale, pg_catalog.current_setting('autovacuum_analyze_scale_factor')::float8)
    * greatest(class.reltuples, 0) as threshold,
    coalesce(tuned.enabled::bool, true) and pg_catalog.current_setting('autovacuum')::bool as autovacuum,
    exists (
        select
        from pg_catalog.pg_stat_progress_analyze as progress
        where progress.datname = pg_catalog.current_database()
        and progress.relid = class.oid
    ) as analyzing,
    extract(
        epoch from pg_catalog.clock_timestamp() - greatest(
            pg_catalog.pg_stat_get_last_analyze_time(class.oid),
            pg_catalog.pg_stat_get_last_autoanalyze_time(class.oid)
        )
    )::float8 / 3600 as analyzed_h,
    extract(
        epoch from pg_catalog.clock_timestamp() - greatest(
            pg_catalog.pg_stat_get_last_vacuum_time(class.oid),
            pg_catalog.pg_stat_get_last_autovacuum_time(class.oid)
        )
    )::float8 / 3600 as vacuumed_h
from pg_catalog.pg_class as class
inner join pg_catalog.pg_namespace as namespace
    on namespace.oid = class.relnamespace
left join below
    on below.root = class.oid
left join tuned
    on tuned.oid = class.oid
where class.relkind in ('r', 'm', 'p')
and class.relpersistence <> 't'
and namespace.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
order by
    changed desc,
    name
