-- Text search configurations with their mappings, dictionaries, parsers and templates.
select
    'text search configuration' as kind, i.identity as key, c.cfgowner as owner,
    null::"char" as acl_kind, null::aclitem[] as acl, null::oid[] as roles,
    pg_catalog.jsonb_build_object(
        'parser', (pg_catalog.pg_identify_object('pg_catalog.pg_ts_parser'::regclass, c.cfgparser, 0)).identity,
        'mappings', (
            select pg_catalog.jsonb_agg(
                pg_catalog.concat_ws(' ', m.maptokentype, m.mapdict::regdictionary::text) order by m.maptokentype, m.mapseqno
            )
            from pg_catalog.pg_ts_config_map as m where m.mapcfg = c.oid
        )
    )::text as definition,
    false as worded
from pg_catalog.pg_ts_config as c
join user_schemas as n on n.oid = c.cfgnamespace
cross join lateral pg_catalog.pg_identify_object('pg_catalog.pg_ts_config'::regclass, c.oid, 0) as i
where not exists (select from members as m where m.classid = 'pg_catalog.pg_ts_config'::regclass and m.objid = c.oid)
union all
select
    'text search dictionary', i.identity, d.dictowner, null, null, null,
    (pg_catalog.pg_identify_object('pg_catalog.pg_ts_template'::regclass, d.dicttemplate, 0)).identity
        || ' ' || coalesce(d.dictinitoption, ''),
    false
from pg_catalog.pg_ts_dict as d
join user_schemas as n on n.oid = d.dictnamespace
cross join lateral pg_catalog.pg_identify_object('pg_catalog.pg_ts_dict'::regclass, d.oid, 0) as i
where not exists (select from members as m where m.classid = 'pg_catalog.pg_ts_dict'::regclass and m.objid = d.oid)
union all
select
    'text search parser', i.identity, null, null, null, null,
    pg_catalog.concat_ws(' ', p.prsstart, p.prstoken, p.prsend, p.prsheadline, p.prslextype), false
from pg_catalog.pg_ts_parser as p
join user_schemas as n on n.oid = p.prsnamespace
cross join lateral pg_catalog.pg_identify_object('pg_catalog.pg_ts_parser'::regclass, p.oid, 0) as i
where not exists (select from members as m where m.classid = 'pg_catalog.pg_ts_parser'::regclass and m.objid = p.oid)
union all
select 'text search template', i.identity, null, null, null, null, pg_catalog.concat_ws(' ', t.tmplinit, t.tmpllexize), false
from pg_catalog.pg_ts_template as t
join user_schemas as n on n.oid = t.tmplnamespace
cross join lateral pg_catalog.pg_identify_object('pg_catalog.pg_ts_template'::regclass, t.oid, 0) as i
where not exists (select from members as m where m.classid = 'pg_catalog.pg_ts_template'::regclass and m.objid = t.oid)
