-- Statements that give one role's grants, default privileges, user mappings and policies to another.
with names as (
    select
        o.oid as old,
        pg_catalog.quote_ident(n.rolname) as new,
        n.rolname::text as new_name
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
),
defaults (about, kind, acl, first, own) as (
    select
        'alter default privileges for role '
        || pg_catalog.quote_ident(case when d.defaclrole = names.old then names.new_name else pg_catalog.pg_get_userbyid(d.defaclrole)::text end)
        || coalesce(' in schema ' || nullif(d.defaclnamespace, 0)::pg_catalog.regnamespace::text, ''),
        case d.defaclobjtype
            when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' when 'T' then 'types'
            when 'n' then 'schemas' when 'L' then 'large objects'
        end,
        d.defaclacl,
        -- What the server gives by itself, unless it is for one schema.
        case when d.defaclnamespace = 0 then pg_catalog.acldefault(
            (case d.defaclobjtype when 'S' then 's' else d.defaclobjtype end)::"char", d.defaclrole
        ) end,
        d.defaclrole = names.old
    from pg_catalog.pg_default_acl as d
    cross join names
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
union all
select pg_catalog.format('%%s revoke %%s on %%s from %%s', d.about, a.privilege_type, d.kind, w.whom)
from defaults as d
cross join names
cross join lateral pg_catalog.aclexplode(d.first) as a
cross join lateral (
    select case a.grantee when 0 then 'public' when names.old then names.new else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)::text) end
) as w (whom)
where d.own
    and not exists (
        select from pg_catalog.aclexplode(d.acl) as h where h.grantee = a.grantee and h.privilege_type = a.privilege_type
    )
union all
select pg_catalog.format(
    '%%s grant %%s on %%s to %%s%%s', d.about, a.privilege_type, d.kind, w.whom, case when a.is_grantable then ' with grant option' end
)
from defaults as d
cross join names
cross join lateral pg_catalog.aclexplode(d.acl) as a
cross join lateral (
    select case a.grantee when 0 then 'public' when names.old then names.new else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)::text) end
) as w (whom)
where d.own or a.grantee = names.old
union all
select pg_catalog.format(
    'create user mapping if not exists for %%s server %%I options (%%s)', names.new, u.srvname, (
        select pg_catalog.string_agg(pg_catalog.format('%%I %%L', o.option_name, o.option_value), ', ')
        from pg_catalog.pg_options_to_table(u.umoptions) as o
    )
)
from pg_catalog.pg_user_mappings as u
inner join names on names.old = u.umuser
where u.umoptions is not null
union all
select pg_catalog.format('create user mapping if not exists for %%s server %%I', names.new, u.srvname)
from pg_catalog.pg_user_mappings as u
inner join names on names.old = u.umuser
where u.umoptions is null
union all
select pg_catalog.format('drop user mapping for %%s server %%I', pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(u.umuser)::text), u.srvname)
from pg_catalog.pg_user_mappings as u
inner join names on names.old = u.umuser
