-- Deletes the copied versions of rows, and names the places (from 1 on) of those that are not there any more as they were copied.
with copied as materialized (
    select
        tid,
        xmin,
        place
    from rows from (
        pg_catalog.unnest(%(places)s::pg_catalog.tid[]), pg_catalog.unnest(%(writers)s::pg_catalog.xid[])
    ) with ordinality as given (tid, xmin, place)
),

gone as (
    delete from only {table} as t
    using copied
    where t.ctid = copied.tid
    and t.xmin = copied.xmin
    returning copied.place
)

select place
from copied
where place not in (select gone.place from gone)
order by place
