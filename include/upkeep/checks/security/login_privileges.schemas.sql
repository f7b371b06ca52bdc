-- Schemas of this database in which everybody may create objects.
-- Caveat: versions before 15 give this right on the schema public to everybody from the start.
select pg_catalog.quote_ident(namespace.nspname) as name
from pg_catalog.pg_namespace as namespace
cross join lateral pg_catalog.aclexplode(
    coalesce(namespace.nspacl, pg_catalog.acldefault('n', namespace.nspowner))
) as granted
where granted.grantee = 0
and granted.privilege_type = 'CREATE'
and namespace.nspname !~ '^pg_(temp|toast_temp)_'
order by name
