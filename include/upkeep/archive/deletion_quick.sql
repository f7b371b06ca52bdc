-- Deletes what stands at these places: how many rows, and who wrote each, in the order of the scan.
with gone as (
    delete from only {table} as t
    where t.ctid = any(%(places)s::pg_catalog.tid[])
    returning t.xmin
)

select
    pg_catalog.count(*) as rows,
    pg_catalog.array_agg(gone.xmin)::pg_catalog.text as writers
from gone
