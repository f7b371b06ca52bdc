-- Parameters that only a superuser may set by default and that everybody may (15 and later), as given by GRANT ... ON PARAMETER.
select
    'parameter' as kind,
    '' as schema,
    given.parname as name,
    null::text as owner,
    true as reachable,
    pg_catalog.array_agg(pg_catalog.lower(granted.privilege_type) order by granted.privilege_type) as privileges
from pg_catalog.pg_parameter_acl as given
cross join lateral pg_catalog.aclexplode(given.paracl) as granted
where granted.grantee = 0
group by given.parname
order by given.parname
