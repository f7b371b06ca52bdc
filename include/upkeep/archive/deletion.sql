-- Deletes the copied versions of rows, and names the places (from 1 on) of those that are not there any more as they were copied.
with copied as materialized (
    select
        pg_catalog.split_part(version, '/', 1)::pg_catalog.tid as tid,
        pg_catalog.split_part(version, '/', 2)::pg_catalog.xid as xmin,
        place
    from pg_catalog.unnest(%(versions)s::pg_catalog.text[]) with ordinality as given (version, place)
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
