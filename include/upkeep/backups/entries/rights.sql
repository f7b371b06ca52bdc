-- Rights on the system's objects and on extensions' members where they are not what initdb or the extension gave.
-- Grants are those that came since; the definition names those that were taken away.
select
    'rights' as kind, i.type || ' ' || i.identity as key, null::oid as owner, null::"char" as acl_kind,
    nullif(array(
        select pg_catalog.makeaclitem(g.grantee, g.grantor, g.privilege_type, g.is_grantable)
        from (
            select h.grantee, a.owner as grantor, h.privilege_type, h.is_grantable
            from pg_catalog.aclexplode(a.have) as h where h.grantee <> a.owner
            except
            select h.grantee, a.owner, h.privilege_type, h.is_grantable from pg_catalog.aclexplode(a.first) as h
        ) as g
    ), '{}') as acl,
    null::oid[] as roles,
    (
        select coalesce(pg_catalog.jsonb_build_object('revoked', pg_catalog.jsonb_agg(g.line order by g.line collate "C"))::text, '')
        from (
            select case h.grantee when 0 then '' when a.owner then '!' else pg_catalog.pg_get_userbyid(h.grantee)::text end
                || '=' || h.privilege_type as line
            from pg_catalog.aclexplode(a.first) as h
            except
            select case h.grantee when 0 then '' when a.owner then '!' else pg_catalog.pg_get_userbyid(h.grantee)::text end
                || '=' || h.privilege_type
            from pg_catalog.aclexplode(a.have) as h
        ) as g
        having pg_catalog.count(*) > 0
    ) as definition,
    false as worded
from (
    select
        o.classid, o.objid, o.subid, o.namespace, o.owner,
        coalesce(o.acl, pg_catalog.acldefault(o.acl_kind, o.owner)) as have,
        coalesce(p.initprivs, pg_catalog.acldefault(o.acl_kind, o.owner)) as first
    from (
        select
            'pg_catalog.pg_class'::regclass as classid, c.oid as objid, 0 as subid, c.relnamespace as namespace, c.relowner as owner,
            (case c.relkind when 'S' then 's' else 'r' end)::"char" as acl_kind, c.relacl as acl
        from pg_catalog.pg_class as c where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
        union all
        select 'pg_catalog.pg_class'::regclass, c.oid, a.attnum, c.relnamespace, c.relowner, 'c', a.attacl
        from pg_catalog.pg_attribute as a
        join pg_catalog.pg_class as c on c.oid = a.attrelid
        where not a.attisdropped
        union all
        select 'pg_catalog.pg_proc'::regclass, f.oid, 0, f.pronamespace, f.proowner, 'f', f.proacl from pg_catalog.pg_proc as f
        union all
        select 'pg_catalog.pg_type'::regclass, t.oid, 0, t.typnamespace, t.typowner, 'T', t.typacl from pg_catalog.pg_type as t
        union all
        select 'pg_catalog.pg_language'::regclass, l.oid, 0, 11, l.lanowner, 'l', l.lanacl
        from pg_catalog.pg_language as l where l.lanispl
        union all
        select 'pg_catalog.pg_namespace'::regclass, n.oid, 0, n.oid, n.nspowner, 'n', n.nspacl from pg_catalog.pg_namespace as n
        -- Its owner is the database's, and a dump treats it as one of ours.
        where n.nspname <> 'public'
        union all
        select 'pg_catalog.pg_foreign_data_wrapper'::regclass, w.oid, 0, 11, w.fdwowner, 'F', w.fdwacl
        from pg_catalog.pg_foreign_data_wrapper as w
        union all
        select 'pg_catalog.pg_foreign_server'::regclass, s.oid, 0, 11, s.srvowner, 'S', s.srvacl
        from pg_catalog.pg_foreign_server as s
    ) as o
    left join pg_catalog.pg_init_privs as p on p.classoid = o.classid and p.objoid = o.objid and p.objsubid = o.subid
    where (o.acl is not null or p.objoid is not null)
        and (
            o.objid < 16384 and o.namespace = 'pg_catalog'::regnamespace
            or exists (select from members as m where m.classid = o.classid and m.objid = o.objid)
        )
) as a
cross join lateral pg_catalog.pg_identify_object(a.classid, a.objid, a.subid) as i
where exists (
    (select h.grantee, h.privilege_type, h.is_grantable from pg_catalog.aclexplode(a.have) as h
    except select h.grantee, h.privilege_type, h.is_grantable from pg_catalog.aclexplode(a.first) as h)
    union all
    (select h.grantee, h.privilege_type, h.is_grantable from pg_catalog.aclexplode(a.first) as h
    except select h.grantee, h.privilege_type, h.is_grantable from pg_catalog.aclexplode(a.have) as h)
)
