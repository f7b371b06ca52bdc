-- Foreign data wrappers, servers and user mappings, without any option that may be a secret.
select
    'foreign data wrapper' as kind, pg_catalog.quote_ident(w.fdwname) as key, w.fdwowner as owner,
    'F'::"char" as acl_kind, w.fdwacl as acl, null::oid[] as roles,
    pg_catalog.concat_ws(
        ' ', nullif(w.fdwhandler, 0)::regproc::text, nullif(w.fdwvalidator, 0)::regproc::text, (
            select pg_catalog.string_agg(
                case when x ~* '^[^=]*(pass|secret|token|key)[^=]*=' then pg_catalog.split_part(x, '=', 1) else x end,
                ', ' order by x collate "C"
            )
            from pg_catalog.unnest(w.fdwoptions) as x
        )
    ) as definition,
    false as worded
from pg_catalog.pg_foreign_data_wrapper as w
where not exists (
    select from members as m where m.classid = 'pg_catalog.pg_foreign_data_wrapper'::regclass and m.objid = w.oid
)
union all
select
    'server', pg_catalog.quote_ident(s.srvname), s.srvowner, 'S', s.srvacl, null,
    pg_catalog.concat_ws(
        ' ', (select pg_catalog.quote_ident(w.fdwname) from pg_catalog.pg_foreign_data_wrapper as w where w.oid = s.srvfdw),
        s.srvtype, s.srvversion, (
            select pg_catalog.string_agg(
                case when x ~* '^[^=]*(pass|secret|token|key)[^=]*=' then pg_catalog.split_part(x, '=', 1) else x end,
                ', ' order by x collate "C"
            )
            from pg_catalog.unnest(s.srvoptions) as x
        )
    ),
    false
from pg_catalog.pg_foreign_server as s
where not exists (select from members as m where m.classid = 'pg_catalog.pg_foreign_server'::regclass and m.objid = s.oid)
union all
select
    'user mapping', pg_catalog.quote_ident(u.srvname) || case when u.umuser = 0 then ' for everybody' else '' end,
    nullif(u.umuser, 0), null, null, null,
    case when u.umoptions is null and not r.readable then '{"unreadable": true}' else coalesce((
        select pg_catalog.jsonb_build_object('options', pg_catalog.jsonb_agg(
            case when x ~* '^[^=]*(pass|secret|token|key)[^=]*=' then pg_catalog.split_part(x, '=', 1) else x end
            order by x collate "C"
        ))::text
        from pg_catalog.unnest(u.umoptions) as x
        having pg_catalog.count(*) > 0
    ), '') end,
    false
from pg_catalog.pg_user_mappings as u
join pg_catalog.pg_foreign_server as s on s.oid = u.srvid
cross join lateral (
    -- As the view itself judges.
    select
        u.umuser <> 0 and u.usename = current_user
            and (pg_catalog.pg_has_role(s.srvowner, 'USAGE') or pg_catalog.has_server_privilege(s.oid, 'USAGE'))
        or u.umuser = 0 and pg_catalog.pg_has_role(s.srvowner, 'USAGE')
        or (select w.rolsuper from pg_catalog.pg_roles as w where w.rolname = current_user) as readable
) as r
