-- Open sessions of a user, by application and address, and what it prepared in two phases, which no other user can end; ours are left out.
-- `since` is when the first of them was opened that is not before the time asked for; where all are before, the first of all.
select
    coalesce(nullif(application_name, ''), 'no application name') || ' from '
    || coalesce(pg_catalog.host(client_addr), 'the local socket') || ', ' || pg_catalog.count(*)
    || case when pg_catalog.count(*) = 1 then ' session' else ' sessions' end as who,
    coalesce(
        pg_catalog.min(backend_start) filter (where backend_start >= %(since)s::timestamptz), pg_catalog.min(backend_start)
    ) as since,
    pg_catalog.max(coalesce(state_change, backend_start)) as last
from pg_catalog.pg_stat_activity
where
    usename = %(user)s
    and application_name <> 'upkeep secret_rotation'
group by application_name, client_addr
union all
select
    'a prepared transaction in ' || database || ', ' || gid,
    null,
    prepared
from pg_catalog.pg_prepared_xacts
where owner = %(user)s
order by
    since,
    who
