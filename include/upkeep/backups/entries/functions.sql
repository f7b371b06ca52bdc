-- Functions, procedures and aggregates.
select
    case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end as kind,
    i.identity as key,
    p.proowner as owner,
    'f'::"char" as acl_kind,
    p.proacl as acl,
    null::oid[] as roles,
    pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'language', l.lanname,
        'returns', pg_catalog.pg_get_function_result(p.oid),
        'arguments', pg_catalog.pg_get_function_identity_arguments(p.oid),
        'defaults', nullif(p.pronargdefaults, 0),
        'body', case when p.prokind <> 'a' then p.prosrc end,
        'library', p.probin,
        'window', nullif(p.prokind = 'w', false),
        'security definer', nullif(p.prosecdef, false),
        'leakproof', nullif(p.proleakproof, false),
        'strict', nullif(p.proisstrict, false),
        'volatile', p.provolatile,
        'parallel', p.proparallel,
        'cost', p.procost,
        'rows', p.prorows,
        'support', nullif(p.prosupport, 0)::regproc::text,
        'transforms', p.protrftypes::regtype[]::text[],
        'settings', p.proconfig,
        'aggregate', case when g.aggfnoid is not null then pg_catalog.jsonb_build_array(
            g.aggkind, g.aggnumdirectargs, g.aggtransfn, g.aggfinalfn, g.aggcombinefn, g.aggserialfn, g.aggdeserialfn,
            g.aggmtransfn, g.aggminvtransfn, g.aggmfinalfn, g.aggfinalextra, g.aggmfinalextra, g.aggfinalmodify,
            g.aggmfinalmodify, nullif(g.aggsortop, 0)::regoperator::text, g.aggtranstype::regtype::text, g.aggtransspace,
            nullif(g.aggmtranstype, 0)::regtype::text, g.aggmtransspace, g.agginitval, g.aggminitval
        ) end
    ))::text as definition,
    false as worded
from pg_catalog.pg_proc as p
join user_schemas as n on n.oid = p.pronamespace
join pg_catalog.pg_language as l on l.oid = p.prolang
left join pg_catalog.pg_aggregate as g on g.aggfnoid = p.oid
cross join lateral pg_catalog.pg_identify_object('pg_catalog.pg_proc'::regclass, p.oid, 0) as i
where not exists (select from members as m where m.classid = 'pg_catalog.pg_proc'::regclass and m.objid = p.oid)
    and not exists (
        select from pg_catalog.pg_depend as d
        where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'i'
    )
