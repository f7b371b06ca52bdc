-- Indexes of this database that are not valid or not ready, what they cost, and whether somebody is building them right now.
-- Caveat: work on another index of the table, or on the table, is none on this one. What is locked wholly has the size that it had at
-- the last vacuum, since asking would wait.
with locked as materialized (
    select
        lock.relation as oid,
        pg_catalog.bool_or(lock.mode = 'AccessExclusiveLock') as wholly,
        -- Who rebuilds or drops an index locks it like this; vacuum and queries lock it less.
        pg_catalog.bool_or(lock.granted) as worked_on
    from pg_catalog.pg_locks as lock
    inner join pg_catalog.pg_database as database
        on database.oid = lock.database
        and database.datname = pg_catalog.current_database()
    where lock.locktype = 'relation'
    and lock.mode in ('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
    group by lock.relation
),

built as (
    select progress.index_relid as oid
    from pg_catalog.pg_stat_progress_create_index as progress
    where progress.datname = pg_catalog.current_database()
),

found as materialized (
    select
        index.*,
        class.relname,
        class.relnamespace,
        class.relkind,
        case
            when exists (select from locked where locked.oid = index.indexrelid and locked.wholly)
            then greatest(class.relpages, 0) * pg_catalog.current_setting('block_size')::int8
            else pg_catalog.pg_relation_size(class.oid)
        end as bytes
    from pg_catalog.pg_index as index
    inner join pg_catalog.pg_class as class
        on class.oid = index.indexrelid
    where not (index.indisvalid and index.indisready and index.indislive)
)

select
    pg_catalog.format('%I.%I', namespace.nspname, index.relname) as name,
    pg_catalog.format('%I.%I', table_namespace.nspname, indexed.relname) as table_name,
    index.relkind = 'I' as partitioned,
    index.indisready as ready,
    index.indislive as live,
    index.indisunique as is_unique,
    index.relname ~ '_ccnew\d*$' as leftover_new,
    index.relname ~ '_ccold\d*$' as leftover_old,
    index.bytes::int8 as bytes,
    exists (
        select
        from locked
        where locked.oid = index.indexrelid
        and locked.worked_on
    )
    or index.indexrelid in (select built.oid from built) as building,
    (
        select count(*)
        from pg_catalog.pg_inherits as inheritance
        where inheritance.inhparent = index.indrelid
        and not exists (
            select
            from pg_catalog.pg_inherits as attached
            inner join pg_catalog.pg_index as child
                on child.indexrelid = attached.inhrelid
            where attached.inhparent = index.indexrelid
            and child.indrelid = inheritance.inhrelid
            and child.indisvalid
        )
    )::int8 as partitions_without
from found as index
inner join pg_catalog.pg_namespace as namespace
    on namespace.oid = index.relnamespace
inner join pg_catalog.pg_class as indexed
    on indexed.oid = index.indrelid
inner join pg_catalog.pg_namespace as table_namespace
    on table_namespace.oid = indexed.relnamespace
where index.bytes is not null
order by name
