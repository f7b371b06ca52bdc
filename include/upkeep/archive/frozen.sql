-- Partitions that a run of the archive closed against writing, what it noted with them, and how far their detach came.
select
    class.oid::int8 as oid,
    namespace.nspname::text as schema,
    class.relname::text as name,
    class.relkind::text as kind,
    coalesce(pg_catalog.obj_description(con.oid, 'pg_constraint'), '') as text,
    inherits.inhparent is not null as is_attached,
    coalesce(pg_catalog.to_jsonb(inherits) ->> 'inhdetachpending' = 'true', false) as is_pending
from pg_catalog.pg_constraint as con
inner join pg_catalog.pg_class as class
    on class.oid = con.conrelid
inner join pg_catalog.pg_namespace as namespace
    on namespace.oid = class.relnamespace
left join pg_catalog.pg_inherits as inherits
    on inherits.inhrelid = class.oid
where con.contype = 'c'
and con.conname = %(name)s
and con.conislocal
and con.coninhcount = 0
order by
    2,
    3
