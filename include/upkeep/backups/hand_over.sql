-- Statements that give one role's grants, default privileges aside, and its policies to another.
with names as (
    select
        o.oid as old,
        pg_catalog.quote_ident(n.rolname) as new,
        n.oid as new_oid
    from pg_catalog.pg_roles as o, pg_catalog.pg_roles as n
    where o.rolname = %(old)s and n.rolname = %(new)s
),
granted (target, acl) as (
    select (case c.relkind when 'S' then 'sequence ' else 'table ' end) || c.oid::pg_catalog.regclass::text, c.relacl
    from pg_catalog.pg_class as c
    union all
    select 'schema ' || n.oid::pg_catalog.regnamespace::text, n.nspacl from pg_catalog.pg_namespace as n
    union all
    select 'routine ' || p.oid::pg_catalog.regprocedure::text, p.proacl from pg_catalog.pg_proc as p
    union all
    select 'type ' || t.oid::pg_catalog.regtype::text, t.typacl from pg_catalog.pg_type as t
    union all
    select 'language ' || pg_catalog.quote_ident(l.lanname), l.lanacl from pg_catalog.pg_language as l
    union all
    select 'foreign server ' || pg_catalog.quote_ident(s.srvname), s.srvacl from pg_catalog.pg_foreign_server as s
    union all
    select 'foreign data wrapper ' || pg_catalog.quote_ident(w.fdwname), w.fdwacl
    from pg_catalog.pg_foreign_data_wrapper as w
    union all
    select 'large object ' || l.oid::text, l.lomacl from pg_catalog.pg_largeobject_metadata as l
)
select pg_catalog.format(
    'grant %%s on %%s to %%s%%s', a.privilege_type, g.target, names.new, case when a.is_grantable then ' with grant option' end
) as statement
from granted as g
cross join names
cross join lateral pg_catalog.aclexplode(g.acl) as a
where a.grantee = names.old
union all
select pg_catalog.format(
    'grant %%s (%%I) on table %%s to %%s%%s', a.privilege_type, t.attname, t.attrelid::pg_catalog.regclass::text, names.new,
    case when a.is_grantable then ' with grant option' end
)
from pg_catalog.pg_attribute as t
cross join names
cross join lateral pg_catalog.aclexplode(t.attacl) as a
where a.grantee = names.old
union all
select pg_catalog.format(
    'alter policy %%I on %%s to %%s', p.polname, p.polrelid::pg_catalog.regclass::text, (
        select pg_catalog.string_agg(
            distinct case
                when r = 0 then 'public' when r = names.old then names.new
                else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(r)::text)
            end,
            ', '
        )
        from pg_catalog.unnest(p.polroles) as r
    )
)
from pg_catalog.pg_policy as p
cross join names
where names.old = any(p.polroles)
