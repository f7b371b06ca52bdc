-- Whether this very session still holds the claim on a target's backups.
select exists (
    select
    from pg_catalog.pg_locks as lock
    cross join (
        select pg_catalog.hashtextextended('upkeep backups ' || %(target)s, 0) as key
    ) as claim
    where lock.locktype = 'advisory'
    and lock.pid = pg_catalog.pg_backend_pid()
    and lock.database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
    and lock.objsubid = 1
    and lock.granted
    and lock.classid::bigint << 32 | lock.objid::bigint = claim.key
)
