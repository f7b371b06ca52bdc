-- Tables of the schema that holds Airflow's `dag_run`, with their rows and size. Caveat: rows are those of the last vacuum or analyze.
select
    class.relname as name,
    class.oid::regclass::text as quoted,
    greatest(class.reltuples, 0)::int8 as rows,
    pg_catalog.pg_total_relation_size(class.oid) as bytes
from pg_catalog.pg_class as class
where class.relkind = 'r'
and class.relnamespace in (
    select home.relnamespace
    from pg_catalog.pg_class as home
    where home.relname = 'dag_run'
    and home.relkind = 'r'
)
order by
    name,
    quoted
