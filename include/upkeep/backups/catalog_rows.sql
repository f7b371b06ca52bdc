-- One question for each catalog of this server: its rows as they stand, oids as names, for entries_frame.sql.
-- Columns are the server's own, whatever its version has. Left out, by type: trees of expressions (entries have them in words), grants and
-- owners (entries have them); by name: where and how a row is stored, what the server counts or guesses, and copies of another row.
with catalogs (name, which, key) as (
    values
    ('pg_class', 't.oid in (select oid from held)', null),
    ('pg_attribute', 't.attrelid in (select oid from held where relkind not in (''i'', ''I'', ''S'')) and t.attnum > 0 and not t.attisdropped', null),
    -- Foreign keys of partitions follow their parents', under names of the server's choice. So does not null; it is its column's.
    ('pg_constraint', '(t.conrelid in (select oid from held) or t.conrelid = 0 and (''pg_type'', t.contypid) in (select * from kept)) and (t.contype <> ''f'' or t.conparentid = 0)', 
        'case when t.contype = ''n'' and t.conrelid <> 0 then ''not null of '' || (pg_catalog.pg_identify_object(''pg_catalog.pg_class''::pg_catalog.regclass,'
        ' t.conrelid, t.conkey[1])).identity else i.type || '' '' || i.identity end'
    ),
    ('pg_index', 't.indexrelid in (select oid from held)', null),
    ('pg_inherits', 't.inhrelid in (select oid from held)', 'i.type || '' '' || i.identity || '' '' || t.inhparent::pg_catalog.regclass::text'),
    ('pg_partitioned_table', 't.partrelid in (select oid from held)', null),
    ('pg_sequence', 't.seqrelid in (select oid from held)', null),
    ('pg_foreign_table', 't.ftrelid in (select oid from held)', null),
    ('pg_trigger', 't.tgrelid in (select oid from held) and not t.tgisinternal', null),
    ('pg_rewrite', 't.ev_class in (select oid from held)', null),
    ('pg_policy', 't.polrelid in (select oid from held)', null),
    ('pg_range', '(''pg_type'', t.rngtypid) in (select * from kept)', null),
    ('pg_aggregate', '(''pg_proc'', t.aggfnoid) in (select * from kept)', null),
    ('pg_amop', '(''pg_opfamily'', t.amopfamily) in (select * from kept)', null),
    ('pg_amproc', '(''pg_opfamily'', t.amprocfamily) in (select * from kept)', null),
    ('pg_type', '(''pg_type'', t.oid) in (select * from kept)', null),
    ('pg_proc', '(''pg_proc'', t.oid) in (select * from kept)', null),
    ('pg_operator', '(''pg_operator'', t.oid) in (select * from kept) and t.oprcode <> 0', null),
    ('pg_opclass', '(''pg_opclass'', t.oid) in (select * from kept)', null),
    ('pg_opfamily', '(''pg_opfamily'', t.oid) in (select * from kept)', null),
    ('pg_collation', '(''pg_collation'', t.oid) in (select * from kept)', null),
    ('pg_conversion', '(''pg_conversion'', t.oid) in (select * from kept)', null),
    ('pg_statistic_ext', '(''pg_statistic_ext'', t.oid) in (select * from kept)', null),
    ('pg_ts_config', '(''pg_ts_config'', t.oid) in (select * from kept)', null),
    ('pg_ts_dict', '(''pg_ts_dict'', t.oid) in (select * from kept)', null),
    ('pg_ts_parser', '(''pg_ts_parser'', t.oid) in (select * from kept)', null),
    ('pg_ts_template', '(''pg_ts_template'', t.oid) in (select * from kept)', null),
    ('pg_namespace', 't.oid in (select oid from user_schemas) and own', null),
    ('pg_language', 't.lanispl and own', null),
    ('pg_cast', 't.oid >= 16384 and own', null),
    ('pg_am', 't.oid >= 16384 and own', null),
    ('pg_transform', 't.oid >= 16384 and own', null),
    ('pg_event_trigger', 'own', null),
    ('pg_extension', 'true', null),
    ('pg_foreign_data_wrapper', 'own', null),
    ('pg_foreign_server', 'own', null),
    ('pg_publication', 'own', null),
    ('pg_publication_rel', 'true', null),
    ('pg_publication_namespace', 'true', null)
),

-- Each with its reason.
left_out (catalog, col) as (
    values
    ('pg_class', 'reltype'), -- its own row type
    ('pg_class', 'relfilenode'), ('pg_class', 'reltoastrelid'), ('pg_class', 'relrewrite'), -- files
    ('pg_class', 'reltablespace'), -- entries of kind tablespace, which a restore may leave out
    ('pg_class', 'relpages'), ('pg_class', 'reltuples'), ('pg_class', 'relallvisible'), ('pg_class', 'relallfrozen'), -- estimates
    ('pg_class', 'relfrozenxid'), ('pg_class', 'relminmxid'), -- transactions
    ('pg_class', 'relhasindex'), ('pg_class', 'relhasrules'), ('pg_class', 'relhastriggers'), ('pg_class', 'relhassubclass'), -- kept until VACUUM
    ('pg_class', 'relnatts'), ('pg_attribute', 'attnum'), -- count dropped columns too
    ('pg_attribute', 'attcacheoff'), ('pg_attribute', 'atthasmissing'), ('pg_attribute', 'attmissingval'), -- how rows are stored
    ('pg_attribute', 'attndims'), -- a remark that nothing reads and a dump does not have
    ('pg_attribute', 'attlen'), ('pg_attribute', 'attbyval'), ('pg_attribute', 'attalign'), -- the type's
    ('pg_attribute', 'attisdropped'),
    ('pg_index', 'indcheckxmin'), -- transactions
    ('pg_inherits', 'inhseqno'), -- entries of tables have the order, without gaps
    ('pg_type', 'typarray'), ('pg_type', 'typrelid'), -- made with the type, under names of the server's choice
    ('pg_type', 'typdefault'), -- worded when it was made; entries have it as it is read
    ('pg_range', 'rngmultitypid'), -- entries of types have it
    ('pg_proc', 'prosrc'), -- entries of functions have it
    ('pg_collation', 'collversion'), -- entries of kind collation version
    ('pg_collation', 'collencoding'), -- every encoding in a copy of a system's collation; a dump has only the database's own
    ('pg_extension', 'extversion'), -- entries of kind extension version
    ('pg_constraint', 'conindid'), -- the index of this name, or the one that a foreign key happened to find
    ('pg_type', 'typndims'), -- as attndims
    ('pg_publication_rel', 'prattrs') -- entries of kind publication of have the names
),

keys as (
    select
        k.fktable,
        k.fkcols[pg_catalog.cardinality(k.fkcols)] as col,
        case when pg_catalog.cardinality(k.fkcols) = 2 then k.fkcols[1] end as of_relation,
        k.pktable,
        k.is_array
    from pg_catalog.pg_get_catalog_foreign_keys() as k
),

columns as (
    select
        c.oid as catalog,
        c.relname,
        a.attname,
        a.attnum,
        a.atttypid,
        a.attnotnull,
        k.of_relation,
        k.is_array,
        k.pktable,
        case k.pktable::text
            when 'pg_class' then '%s::pg_catalog.regclass::text' when 'pg_type' then '%s::pg_catalog.regtype::text'
            when 'pg_proc' then '%s::pg_catalog.regprocedure::text' when 'pg_operator' then '%s::pg_catalog.regoperator::text'
            when 'pg_namespace' then '%s::pg_catalog.regnamespace::text' when 'pg_collation' then '%s::pg_catalog.regcollation::text'
            else '(pg_catalog.pg_identify_object(' || k.pktable::oid::text || ', %s, 0)).identity'
        end as as_name
    from catalogs as l
    join pg_catalog.pg_class as c on c.relname = l.name and c.relnamespace = 'pg_catalog'::pg_catalog.regnamespace
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0
    left join lateral (
        select * from keys where keys.fktable = c.oid and keys.col = a.attname
        order by keys.of_relation nulls last limit 1
    ) as k on true
    where a.attname <> 'oid'
        and a.atttypid not in ('pg_catalog.pg_node_tree'::pg_catalog.regtype, 'pg_catalog.aclitem[]'::pg_catalog.regtype)
        and k.pktable is distinct from 'pg_catalog.pg_authid'::pg_catalog.regclass
        and (c.relname, a.attname) not in (select catalog, col from left_out)
        -- The key has an object's own name and schema already.
        and (a.atttypid <> 'pg_catalog.name'::pg_catalog.regtype or a.attname !~ 'name$' or c.relname = 'pg_constraint')
        and (
            k.pktable is distinct from 'pg_catalog.pg_namespace'::pg_catalog.regclass or a.attname in ('extnamespace', 'pnnspid')
        )
        and a.attname not in ('attrelid', 'conrelid')
),

worded as (
    select
        catalog,
        attnum,
        pg_catalog.format('%L, ', attname)
        -- A query within is not even begun where there is nothing.
        || case when is_array or attname ~ 'options$' then pg_catalog.format('case when t.%I is not null then ', attname) else '' end
        || case
            when of_relation is not null and is_array then pg_catalog.format(
                '(select pg_catalog.jsonb_agg((select a.attname from pg_catalog.pg_attribute as a where a.attrelid = t.%I and a.attnum = k.col)'
                ' order by k.place) from pg_catalog.unnest(t.%I::int2[]) with ordinality as k (col, place))', of_relation, attname
            )
            when is_array then pg_catalog.format(
                '(select pg_catalog.jsonb_agg(%s order by k.place) from pg_catalog.unnest(t.%I::oid[]) with ordinality as k (item, place))',
                pg_catalog.format(as_name, 'nullif(k.item, 0)'), attname
            )
            when pktable is not null then pg_catalog.format(as_name, pg_catalog.format('nullif(t.%I, 0)', attname))
            -- What may be a secret is named only; pg_attver is a stamp that Debian's server puts there, and a dump leaves it out.
            when atttypid = 'pg_catalog.text[]'::pg_catalog.regtype and attname ~ 'options$' then pg_catalog.format(
                '(select pg_catalog.jsonb_agg(case when x ~* ''^[^=]*(pass|secret|token|key)[^=]*='' then pg_catalog.split_part(x, ''='', 1)'
                ' else x end order by x collate "C") from pg_catalog.unnest(t.%I) as x where x !~ ''^pg_attver='')', attname
            )
            -- Of not null only: the name that somebody gave it. Those that the server makes depend on which names are taken.
            when relname = 'pg_constraint' and attname = 'conname' then
                'case when t.contype = ''n'' and t.conislocal and not (t.conname ~ ''_not_null[0-9]*$'' and pg_catalog.starts_with('
                't.conname, (select pg_catalog.left(c.relname, 20) from pg_catalog.pg_class as c where c.oid = t.conrelid))) then t.conname end'
            -- Of keys it only says in which order partitions were made and attached.
            when attname = 'connoinherit' then 'case when t.contype in (''c'', ''n'') then nullif(t.connoinherit, false) end'
            when atttypid = 'pg_catalog.bool'::pg_catalog.regtype then pg_catalog.format('nullif(t.%I, false)', attname)
            when atttypid in ('pg_catalog.text'::pg_catalog.regtype, 'pg_catalog."char"'::pg_catalog.regtype)
                then pg_catalog.format('nullif(t.%I, '''')', attname)
            -- Both mean the default; later versions have null for it.
            when atttypid in ('pg_catalog.int2'::pg_catalog.regtype, 'pg_catalog.int4'::pg_catalog.regtype) then pg_catalog.format(
                case when attnotnull then 'nullif(nullif(t.%I, -1), 0)' else 'nullif(t.%I, -1)' end, attname
            )
            else pg_catalog.format('t.%I', attname)
        end
        || case when is_array or attname ~ 'options$' then ' end' else '' end as pair
    from columns
)

select
    pg_catalog.format(
        'select %L as kind, %s as key, null::oid as owner, null::"char" as acl_kind, null::aclitem[] as acl, null::oid[] as roles,'
        ' pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(%s))::text as definition, false as worded'
        ' from pg_catalog.%I as t cross join lateral pg_catalog.pg_identify_object(%s) as i where %s',
        l.name,
        coalesce(l.key, 'i.type || '' '' || i.identity'),
        (select pg_catalog.string_agg(w.pair, ', ' order by w.attnum) from worded as w where w.catalog = c.oid),
        l.name,
        case
            when l.name = 'pg_attribute' then '''pg_catalog.pg_class''::pg_catalog.regclass, t.attrelid, t.attnum'
            when has_oid.attnum is not null then pg_catalog.format('%s, t.oid, 0', c.oid)
            else pg_catalog.format('%s, t.%I, 0', first_key.pktable::oid, first_key.col)
        end,
        pg_catalog.replace(
            l.which, 'own',
            pg_catalog.format(
                'not exists (select from pg_catalog.pg_depend as d where d.classid = %s and d.objid = t.oid and d.deptype in (''e'', ''i''))', c.oid
            )
        )
    ) as question
from catalogs as l
join pg_catalog.pg_class as c on c.relname = l.name and c.relnamespace = 'pg_catalog'::pg_catalog.regnamespace
left join pg_catalog.pg_attribute as has_oid on has_oid.attrelid = c.oid and has_oid.attname = 'oid'
left join lateral (
    select k.pktable, k.col
    from keys as k
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attname = k.col
    where k.fktable = c.oid and k.of_relation is null
    order by a.attnum limit 1
) as first_key on true
order by l.name
