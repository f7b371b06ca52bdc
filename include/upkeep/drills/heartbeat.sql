-- What the session's role may do with the heartbeat's table: is its schema there, may it make things in it, may it write the row.
with named as (
    select
        one.schema,
        (
            select class.oid
            from pg_catalog.pg_class as class
            where class.relnamespace = one.schema
            and class.relname = %(table)s
        ) as own_table
    from (select (select oid from pg_catalog.pg_namespace where nspname = %(schema)s) as schema) as one
)

select
    named.schema is not null as schema_there,
    coalesce(pg_catalog.has_schema_privilege(named.schema, 'usage'), false) as usage,
    coalesce(pg_catalog.has_schema_privilege(named.schema, 'create'), false) as creates,
    pg_catalog.has_database_privilege(pg_catalog.current_database(), 'create') as may_make_schemas,
    named.own_table is not null as table_there,
    coalesce(
        pg_catalog.has_table_privilege(named.own_table, 'select')
        and pg_catalog.has_table_privilege(named.own_table, 'insert')
        and pg_catalog.has_table_privilege(named.own_table, 'update'),
        false
    ) as writes
from named
