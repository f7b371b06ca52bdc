-- Casts and transforms that are not the system's.
select
    'cast' as kind, i.identity as key,
    null::oid as owner, null::"char" as acl_kind, null::aclitem[] as acl, null::oid[] as roles,
    pg_catalog.concat_ws(' ', c.castcontext, c.castmethod, nullif(c.castfunc, 0)::regprocedure::text) as definition,
    false as worded
from pg_catalog.pg_cast as c
cross join lateral pg_catalog.pg_identify_object('pg_catalog.pg_cast'::regclass, c.oid, 0) as i
where c.oid >= 16384
    and not exists (
        select from pg_catalog.pg_depend as d
        where d.classid = 'pg_catalog.pg_cast'::regclass and d.objid = c.oid and d.deptype in ('e', 'i')
    )
union all
select
    'transform', i.identity, null, null, null, null,
    pg_catalog.concat_ws(' ', nullif(t.trffromsql, 0)::regprocedure::text, nullif(t.trftosql, 0)::regprocedure::text),
    false
from pg_catalog.pg_transform as t
cross join lateral pg_catalog.pg_identify_object('pg_catalog.pg_transform'::regclass, t.oid, 0) as i
where not exists (select from members as m where m.classid = 'pg_catalog.pg_transform'::regclass and m.objid = t.oid)
