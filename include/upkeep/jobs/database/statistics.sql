-- Tables with what the planner may not know: changes since analyze against the table's own limit, partitions analyzed since, columns without statistics.
-- Caveat: columns and extended statistics are seen only where this login may read them; `unseen` counts the others.
-- A partitioned table, or one that others inherit from, is the sum of what is below it: autovacuum never analyzes it as a whole.
with recursive member as (
    select distinct
        inherits.inhparent as root,
        inherits.inhparent as part
    from pg_catalog.pg_inherits as inherits
    inner join pg_catalog.pg_class as class
        on class.oid = inherits.inhparent
        and class.relkind in ('p', 'r')
    union all
    select
        member.root,
        inherits.inhrelid
    from member
    inner join pg_catalog.pg_inherits as inherits
        on inherits.inhparent = member.part
),

counted as materialized (
    select
        class.oid,
        class.relkind,
        greatest(class.reltuples, 0)::float8 as tuples,
        pg_catalog.pg_stat_get_live_tuples(class.oid)::float8 as live,
        pg_catalog.pg_stat_get_mod_since_analyze(class.oid)::float8 as changed,
        greatest(
            pg_catalog.pg_stat_get_last_analyze_time(class.oid),
            pg_catalog.pg_stat_get_last_autoanalyze_time(class.oid)
        ) as analyzed,
        -- Before version 18 parts are analyzed with the whole, a while after it.
        greatest(
            pg_catalog.pg_stat_get_last_analyze_time(class.oid) - case
                when pg_catalog.current_setting('server_version_num')::int < 180000 then interval '1 hour'
                else interval '0'
            end,
            pg_catalog.pg_stat_get_last_autoanalyze_time(class.oid)
        ) as analyzed_alone
    from pg_catalog.pg_class as class
    where class.relkind in ('r', 'm', 'p')
    and class.relpersistence <> 't'
),

below as (
    select
        member.root,
        sum(part.live) as live,
        sum(part.changed) as changed,
        coalesce(sum(part.tuples) filter (where part.analyzed_alone > root.analyzed), 0) as analyzed_since,
        pg_catalog.array_agg(pg_catalog.format('%I.%I', namespace.nspname, class.relname) order by class.oid)
            filter (where member.part <> member.root) as parts
    from member
    inner join counted as part
        on part.oid = member.part
        and part.relkind = 'r'
    inner join counted as root
        on root.oid = member.root
    inner join pg_catalog.pg_class as class
        on class.oid = member.part
    inner join pg_catalog.pg_namespace as namespace
        on namespace.oid = class.relnamespace
    group by member.root
),

-- Columns of tables, and expressions of indexes, that analyze would describe.
described as materialized (
    select
        coalesce(index.indrelid, class.oid) as oid,
        class.oid as relation,
        attribute.attname,
        namespace.nspname,
        class.relname,
        pg_catalog.has_column_privilege(class.oid, attribute.attnum, 'select')
        and not (class.relrowsecurity and pg_catalog.row_security_active(class.oid)) as seen
    from pg_catalog.pg_class as class
    inner join pg_catalog.pg_namespace as namespace
        on namespace.oid = class.relnamespace
    inner join pg_catalog.pg_attribute as attribute
        on attribute.attrelid = class.oid
        and attribute.attnum > 0
        and not attribute.attisdropped
    left join pg_catalog.pg_index as index
        on index.indexrelid = class.oid
    where (
        class.relkind in ('r', 'm', 'p')
        or (class.relkind = 'i' and index.indexprs is not null and index.indkey[attribute.attnum - 1] = 0)
    )
    and class.relpersistence <> 't'
    and namespace.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    and coalesce((pg_catalog.to_jsonb(attribute) ->> 'attstattarget')::int, -1) <> 0
    and coalesce(pg_catalog.to_jsonb(attribute) ->> 'attgenerated', '') <> 'v'
),

bare as (
    select
        described.oid,
        count(*) filter (where described.seen and statistics.attname is null) as missing,
        count(*) filter (where not described.seen) as unseen
    from described
    left join (
        select distinct
            schemaname,
            tablename,
            attname
        from pg_catalog.pg_stats
    ) as statistics
        on statistics.schemaname = described.nspname
        and statistics.tablename = described.relname
        and statistics.attname = described.attname
    group by described.oid
),

extended as (
    select
        object.stxrelid as oid,
        count(*) as missing
    from pg_catalog.pg_statistic_ext as object
    inner join pg_catalog.pg_namespace as namespace
        on namespace.oid = object.stxnamespace
    inner join pg_catalog.pg_class as class
        on class.oid = object.stxrelid
    where coalesce((pg_catalog.to_jsonb(object) ->> 'stxstattarget')::int, -1) <> 0
    and not (class.relrowsecurity and pg_catalog.row_security_active(class.oid))
    and not exists (
        select
        from pg_catalog.pg_attribute as attribute
        where attribute.attrelid = class.oid
        and attribute.attnum > 0
        and not attribute.attisdropped
        and not pg_catalog.has_column_privilege(class.oid, attribute.attnum, 'select')
    )
    and not exists (
        select
        from pg_catalog.pg_stats_ext as known
        where known.statistics_schemaname = namespace.nspname
        and known.statistics_name = object.stxname
    )
    group by object.stxrelid
)

select
    counted.oid::int8 as oid,
    namespace.nspname::text as schema_name,
    class.relname::text as table_name,
    pg_catalog.format('%I.%I', namespace.nspname, class.relname) as name,
    class.relkind = 'p' as partitioned,
    counted.tuples,
    coalesce(below.live, counted.live)::float8 as live,
    (case when class.relkind = 'p' then coalesce(below.changed, 0) else counted.changed end)::float8 as changed,
    coalesce(below.analyzed_since, 0)::float8 as analyzed_since,
    (
        coalesce((options.every ->> 'autovacuum_analyze_threshold')::float8,
            pg_catalog.current_setting('autovacuum_analyze_threshold')::float8)
        + coalesce((options.every ->> 'autovacuum_analyze_scale_factor')::float8,
            pg_catalog.current_setting('autovacuum_analyze_scale_factor')::float8)
        * greatest(counted.tuples, case when below.root is null then 0 else coalesce(below.live, 0) end)
    )::float8 as threshold,
    counted.analyzed is not null as analyzed,
    class.reltuples < 0 as unknown_rows,
    coalesce(bare.missing, 0)::int8 as missing_columns,
    coalesce(bare.unseen, 0)::int8 as unseen_columns,
    coalesce(extended.missing, 0)::int8 as missing_extended,
    coalesce(below.parts, '{}') as parts,
    exists (
        select
        from pg_catalog.pg_stat_progress_analyze as progress
        where progress.datname = pg_catalog.current_database()
        and progress.relid = counted.oid
    ) as under_way
from counted
inner join pg_catalog.pg_class as class
    on class.oid = counted.oid
inner join pg_catalog.pg_namespace as namespace
    on namespace.oid = class.relnamespace
left join below
    on below.root = counted.oid
left join bare
    on bare.oid = counted.oid
left join extended
    on extended.oid = counted.oid
cross join lateral (
    select pg_catalog.jsonb_object_agg(option.option_name, option.option_value) as every
    from pg_catalog.pg_options_to_table(class.reloptions) as option
    where class.relkind <> 'p'
) as options
where namespace.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
order by
    name,
    oid
