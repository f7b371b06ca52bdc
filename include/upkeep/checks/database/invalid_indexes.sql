-- Indexes of this database that are not valid or not ready, what they cost, and whether somebody is building them right now.
-- Caveat: a build in progress is seen by its lock, so that it is found even without the right to see other sessions' progress.
with busy as (
    select distinct lock.relation as oid
    from pg_catalog.pg_locks as lock
    inner join pg_catalog.pg_database as database
        on database.oid = lock.database
        and database.datname = pg_catalog.current_database()
    where lock.locktype = 'relation'
    and lock.granted
    and lock.mode in ('ShareUpdateExclusiveLock', 'ShareLock', 'AccessExclusiveLock')
    union
    select progress.index_relid
    from pg_catalog.pg_stat_progress_create_index as progress
    where progress.datname = pg_catalog.current_database()
)

select
    pg_catalog.format('%I.%I', namespace.nspname, class.relname) as name,
    pg_catalog.format('%I.%I', table_namespace.nspname, indexed.relname) as table_name,
    class.relkind = 'I' as partitioned,
    index.indisready as ready,
    index.indislive as live,
    index.indisunique as is_unique,
    class.relname ~ '_ccnew\d*$' as leftover_new,
    class.relname ~ '_ccold\d*$' as leftover_old,
    pg_catalog.pg_relation_size(class.oid)::int8 as bytes,
    exists (
        select
        from busy
        where busy.oid in (index.indexrelid, index.indrelid)
    ) as building,
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
from pg_catalog.pg_index as index
inner join pg_catalog.pg_class as class
    on class.oid = index.indexrelid
inner join pg_catalog.pg_namespace as namespace
    on namespace.oid = class.relnamespace
inner join pg_catalog.pg_class as indexed
    on indexed.oid = index.indrelid
inner join pg_catalog.pg_namespace as table_namespace
    on table_namespace.oid = indexed.relnamespace
where not (index.indisvalid and index.indisready and index.indislive)
order by name
