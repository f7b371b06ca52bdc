-- Objects of one kind with owner and grants as role=PRIVILEGE[*]; !PRIVILEGE is one that the owner itself lacks.
with user_schemas as (
    select oid, nspname
    from pg_catalog.pg_namespace
    where nspname !~ '^pg_' and nspname <> 'information_schema'
),
members as (
    select classid, objid from pg_catalog.pg_depend where deptype = 'e'
),
found as (
    {objects}
)
select
    o.kind,
    o.key,
    coalesce(pg_catalog.pg_get_userbyid(o.owner), '') as owner,
    array(
        select case when a.grantee = 0 then '' else pg_catalog.pg_get_userbyid(a.grantee)::text end
            || '=' || a.privilege_type || case when a.is_grantable then '*' else '' end
        from pg_catalog.aclexplode(coalesce(o.acl, pg_catalog.acldefault(o.acl_kind, o.owner))) as a
        where a.grantee is distinct from o.owner
        union
        select '!' || d.privilege_type
        from pg_catalog.aclexplode(pg_catalog.acldefault(o.acl_kind, o.owner)) as d
        where d.grantee = o.owner
            and o.acl is not null
            and not exists (
                select from pg_catalog.aclexplode(o.acl) as a
                where a.grantee = d.grantee and a.privilege_type = d.privilege_type
            )
        union
        select case when r = 0 then '' else pg_catalog.pg_get_userbyid(r)::text end || '=POLICY'
        from pg_catalog.unnest(o.roles) as r
    ) as grants,
    o.definition,
    o.worded
from found as o
