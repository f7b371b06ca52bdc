-- Tables of pg_partman's configuration, whether this role may read them, and the grant where not. Any schema, any version.
select
    pg_catalog.format('%I.%I', namespace.nspname, class.relname) as name,
    pg_catalog.has_schema_privilege(namespace.oid, 'usage') and pg_catalog.has_table_privilege(class.oid, 'select') as readable,
    pg_catalog.format(
        'grant usage on schema %I to %I; grant select on %I.%I to %I;',
        namespace.nspname, current_user, namespace.nspname, class.relname, current_user
    ) as remedy
from pg_catalog.pg_class as class
inner join pg_catalog.pg_namespace as namespace
    on namespace.oid = class.relnamespace
where class.relname = 'part_config'
and class.relkind = 'r'
and (
    select count(*)
    from pg_catalog.pg_attribute as attribute
    where attribute.attrelid = class.oid
    and attribute.attname in ('parent_table', 'control', 'premake')
) = 3
order by name
