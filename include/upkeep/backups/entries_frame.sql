-- Objects of one kind with owner and grants as role=PRIVILEGE[*]; !PRIVILEGE is one that the owner itself lacks.
with user_schemas as (
    select oid, nspname
    from pg_catalog.pg_namespace
    where nspname !~ '^pg_' and nspname <> 'information_schema'
),
members as (
    select classid, objid from pg_catalog.pg_depend where deptype = 'e'
),
-- Relations that a dump holds: invalid indexes of plain tables are left out there too.
held as (
    select c.oid, c.relkind
    from pg_catalog.pg_class as c
    join user_schemas as n on n.oid = c.relnamespace
    left join pg_catalog.pg_index as x on x.indexrelid = c.oid
    left join pg_catalog.pg_class as r on r.oid = x.indrelid
    where c.relpersistence <> 't'
        and (x.indexrelid is null or x.indisvalid or r.relkind = 'p')
        and not exists (
            select from members as m
            where m.classid = 'pg_catalog.pg_class'::regclass and m.objid in (c.oid, x.indrelid)
                or m.classid = 'pg_catalog.pg_type'::regclass and m.objid = c.reltype and c.reltype <> 0
        )
),
-- Other objects of schemas that a dump holds, by catalog.
kept (catalog, oid) as (
    select o.catalog::text, o.oid
    from (
        select 'pg_type', t.oid, t.typnamespace
        from pg_catalog.pg_type as t
        left join pg_catalog.pg_class as c on c.oid = t.typrelid
        where t.typisdefined and t.typtype in ('b', 'c', 'd', 'e', 'r') and (t.typtype <> 'c' or c.relkind = 'c')
            and not exists (select from pg_catalog.pg_type as e where e.typarray = t.oid)
        union all
        select 'pg_proc', oid, pronamespace from pg_catalog.pg_proc
        union all
        select 'pg_operator', oid, oprnamespace from pg_catalog.pg_operator
        union all
        select 'pg_opclass', oid, opcnamespace from pg_catalog.pg_opclass
        union all
        select 'pg_opfamily', oid, opfnamespace from pg_catalog.pg_opfamily
        union all
        select 'pg_collation', oid, collnamespace from pg_catalog.pg_collation
        union all
        select 'pg_conversion', oid, connamespace from pg_catalog.pg_conversion
        union all
        select 'pg_statistic_ext', oid, stxnamespace from pg_catalog.pg_statistic_ext
        union all
        select 'pg_ts_config', oid, cfgnamespace from pg_catalog.pg_ts_config
        union all
        select 'pg_ts_dict', oid, dictnamespace from pg_catalog.pg_ts_dict
        union all
        select 'pg_ts_parser', oid, prsnamespace from pg_catalog.pg_ts_parser
        union all
        select 'pg_ts_template', oid, tmplnamespace from pg_catalog.pg_ts_template
    ) as o (catalog, oid, namespace)
    join user_schemas as n on n.oid = o.namespace
    where not exists (
        select from pg_catalog.pg_depend as d
        where d.classid = ('pg_catalog.' || o.catalog)::regclass and d.objid = o.oid
            and (d.deptype = 'e' or d.deptype = 'i' and o.catalog = 'pg_proc')
    )
),
found as (
    {objects}
)
select
    o.kind,
    o.key,
    coalesce(pg_catalog.pg_get_userbyid(o.owner), '') as owner,
    -- Without rights of its own, and with no more than its owner's by default.
    case
        when o.acl is null and o.roles is null
            and coalesce(pg_catalog.cardinality(pg_catalog.acldefault(o.acl_kind, o.owner)), 0) < 2
        then '{}'::text[]
        else array(
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
        )
    end as grants,
    o.definition,
    o.worded
from found as o
