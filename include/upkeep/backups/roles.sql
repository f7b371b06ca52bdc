-- What this database needs of the server's roles, as kind, key and definition: the named ones, who acts as they, and whom these act as;
-- and the rights on parameters that they have. Roles that see or change all data act here too. Never a password.
with recursive start as (
    select r.oid
    from pg_catalog.pg_roles as r
    where r.rolname = any(%(named)s)
        or r.rolname in ('pg_read_all_data', 'pg_write_all_data', 'pg_maintain', 'pg_database_owner')
),
acting as (
    select oid from start
    union
    select m.member from pg_catalog.pg_auth_members as m join acting as a on a.oid = m.roleid
),
needed as (
    select oid from acting
    union
    select m.roleid from pg_catalog.pg_auth_members as m join needed as n on n.oid = m.member
)
select
    'role' as kind,
    r.rolname::text as key,
    (
        pg_catalog.to_jsonb(r) - array['oid', 'rolname', 'rolpassword', 'rolconfig', 'rolvaliduntil']
        || pg_catalog.jsonb_build_object('rolvaliduntil', (r.rolvaliduntil at time zone 'UTC')::text)
    )::text as definition
from pg_catalog.pg_roles as r
join needed as n on n.oid = r.oid
where r.oid >= 16384 or r.oid = 10
union all
select
    'membership', pg_catalog.pg_get_userbyid(m.member)::text || ' in ' || pg_catalog.pg_get_userbyid(m.roleid)::text,
    (
        select pg_catalog.jsonb_object_agg(o.key, o.value)::text
        from (
            select x.key, pg_catalog.bool_or(x.value::boolean) as value
            from pg_catalog.pg_auth_members as a
            cross join lateral pg_catalog.jsonb_each_text(
                pg_catalog.to_jsonb(a) - array['oid', 'roleid', 'member', 'grantor']
            ) as x
            where a.roleid = m.roleid and a.member = m.member
            group by x.key
        ) as o
    )
from (select distinct roleid, member from pg_catalog.pg_auth_members) as m
join needed as n on n.oid = m.member
where m.member >= 16384
union all
select
    'setting of role', r.rolname::text || ': ' || pg_catalog.split_part(x, '=', 1), pg_catalog.substr(x, pg_catalog.strpos(x, '=') + 1)
from pg_catalog.pg_roles as r
join needed as n on n.oid = r.oid
cross join lateral pg_catalog.unnest(r.rolconfig) as x
union all
select
    'right on parameter', p.name || ' for ' || case g.grantee when 0 then 'public' else pg_catalog.pg_get_userbyid(g.grantee)::text end,
    pg_catalog.string_agg(
        g.privilege_type || case when g.is_grantable then ' with grant option' else '' end, ', ' order by g.privilege_type
    )
from {parameters} as p
cross join lateral pg_catalog.aclexplode(p.acl) as g
where g.grantee <> 10 and (g.grantee = 0 or g.grantee in (select oid from needed))
group by p.name, g.grantee
