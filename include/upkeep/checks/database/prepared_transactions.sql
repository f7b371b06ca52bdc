-- Transactions prepared for two-phase commit on the whole server, with their age and what they hold.
-- Caveat: they must be ended in their own database by their owner or a superuser.
select
    prepared.gid as name,
    pg_catalog.quote_literal(prepared.gid) as quoted,
    coalesce(prepared.database::text, '') as database,
    coalesce(prepared.owner::text, 'a role that was dropped') as owner,
    pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - prepared.prepared)::float8 as age_seconds,
    pg_catalog.age(prepared.transaction)::int8 as xids,
    (
        select count(*)
        from pg_catalog.pg_locks as own
        inner join pg_catalog.pg_locks as lock
            on lock.virtualtransaction = own.virtualtransaction
            and lock.pid is null
            and lock.locktype = 'relation'
        where own.pid is null
        and own.locktype = 'transactionid'
        and own.transactionid = prepared.transaction
    )::int8 as locks
from pg_catalog.pg_prepared_xacts as prepared
order by
    age_seconds desc,
    name
