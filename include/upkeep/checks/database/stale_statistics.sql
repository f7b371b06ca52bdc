-- Tables with what changed since their last analyze, the change after which autovacuum would analyze, and rows as counted and as estimated.
-- Caveat: counted since the last reset of statistics on this node. A partitioned table is the sum of its partitions; autovacuum skips it.
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
        sum(counts.n_live_tup)::int8 as live
    from member
    inner join pg_catalog.pg_stat_all_tables as counts
        on counts.relid = member.part
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
    case when class.relkind = 'p' then coalesce(below.live, 0) else coalesce(counts.n_live_tup, 0) end::float8 as live,
    coalesce(counts.n_mod_since_analyze, 0)::float8 as changed,
    coalesce(tuned.threshold, pg_catalog.current_setting('autovacuum_analyze_threshold')::float8)
    + coalesce(tuned.scale, pg_catalog.current_setting('autovacuum_analyze_scale_factor')::float8)
    * greatest(class.reltuples, 0) as threshold,
    coalesce(tuned.enabled::bool, true) and pg_catalog.current_setting('autovacuum')::bool as autovacuum,
    extract(
        epoch from pg_catalog.clock_timestamp() - greatest(counts.last_analyze, counts.last_autoanalyze)
    )::float8 / 3600 as analyzed_h,
    extract(
        epoch from pg_catalog.clock_timestamp() - greatest(counts.last_vacuum, counts.last_autovacuum)
    )::float8 / 3600 as vacuumed_h
from pg_catalog.pg_class as class
inner join pg_catalog.pg_namespace as namespace
    on namespace.oid = class.relnamespace
left join pg_catalog.pg_stat_all_tables as counts
    on counts.relid = class.oid
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
