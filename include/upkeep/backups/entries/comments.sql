-- Comments and security labels of everything that a dump holds.
select
    'comment' as kind, i.type || ' ' || i.identity as key,
    null::oid as owner, null::"char" as acl_kind, null::aclitem[] as acl, null::oid[] as roles,
    d.description as definition, false as worded
from pg_catalog.pg_description as d
cross join lateral pg_catalog.pg_identify_object(d.classoid, d.objoid, d.objsubid) as i
where (d.objoid >= 16384 or (d.classoid = 'pg_catalog.pg_namespace'::regclass and d.objoid = pg_catalog.to_regnamespace('public')))
    and i.identity is not null
    and i.schema is distinct from 'pg_toast'
    and not exists (
        select from members as m
        where m.classid = d.classoid and m.objid = d.objoid and d.classoid <> 'pg_catalog.pg_extension'::regclass
    )
    and not (
        d.classoid = 'pg_catalog.pg_extension'::regclass
        and d.description = (
            select a.comment
            from pg_catalog.pg_extension as e
            join pg_catalog.pg_available_extensions as a on a.name = e.extname
            where e.oid = d.objoid
        )
    )
union all
select 'security label', l.provider || ' ' || i.type || ' ' || i.identity, null, null, null, null, l.label, false
from pg_catalog.pg_seclabel as l
cross join lateral pg_catalog.pg_identify_object(l.classoid, l.objoid, l.objsubid) as i
where i.identity is not null
    and not exists (select from members as m where m.classid = l.classoid and m.objid = l.objoid)
