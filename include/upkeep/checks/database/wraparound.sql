-- Age of the oldest transaction id and multixact of each database, and in this database the tables that are oldest.
-- Caveat: tables are those of this database only; another one's must be looked at in a session there. One that a broken
-- DROP DATABASE left is out: nobody can vacuum it, and the server does not wait for it.
with oldest as (
    select
        relation.oid,
        coalesce(owner.oid, relation.oid) as table_oid,
        pg_catalog.age(relation.relfrozenxid) as xid_age,
        pg_catalog.mxid_age(relation.relminmxid) as multixact_age
    from pg_catalog.pg_class as relation
    left join pg_catalog.pg_class as owner
        on owner.reltoastrelid = relation.oid
    where relation.relkind in ('r', 't', 'm')
    and relation.relfrozenxid <> '0'::pg_catalog.xid
),

ranked as (
    select
        pg_catalog.format('%I.%I', namespace.nspname, relation.relname) as name,
        oldest.xid_age,
        oldest.multixact_age,
        pg_catalog.row_number() over (order by oldest.xid_age desc, oldest.oid) as by_xid,
        pg_catalog.row_number() over (order by oldest.multixact_age desc, oldest.oid) as by_multixact
    from oldest
    inner join pg_catalog.pg_class as relation
        on relation.oid = oldest.table_oid
    inner join pg_catalog.pg_namespace as namespace
        on namespace.oid = relation.relnamespace
)

select
    database.datname::text as name,
    database.datname = pg_catalog.current_database() as here,
    database.datallowconn as connectable,
    pg_catalog.age(database.datfrozenxid)::int8 as xid_age,
    pg_catalog.mxid_age(database.datminmxid)::int8 as multixact_age,
    pg_catalog.current_setting('autovacuum_freeze_max_age')::int8 as xid_freeze_at,
    pg_catalog.current_setting('autovacuum_multixact_freeze_max_age')::int8 as multixact_freeze_at,
    array(
        select ranked.name
        from ranked
        where ranked.by_xid <= 3
        and database.datname = pg_catalog.current_database()
        order by ranked.by_xid
    ) as oldest_by_xid,
    array(
        select ranked.name
        from ranked
        where ranked.by_multixact <= 3
        and database.datname = pg_catalog.current_database()
        order by ranked.by_multixact
    ) as oldest_by_multixact
from pg_catalog.pg_database as database
where database.datconnlimit <> -2
order by
    xid_age desc,
    name
