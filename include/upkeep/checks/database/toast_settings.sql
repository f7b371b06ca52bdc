-- Settings of TOAST that were changed by hand: columns that may not leave their row, or are never compressed; TOAST nobody vacuums.
-- Caveat: sizes are of the last vacuum or analyze. A partitioned table stands for those of its partitions that are set alike.
with stored as (
    select
        class.oid,
        class.relkind,
        class.reloptions,
        pg_catalog.format('%I.%I', namespace.nspname, class.relname) as name,
        toast.reloptions as toast_options,
        greatest(toast.relpages, 0)::int8 * pg_catalog.current_setting('block_size')::int8 as toast_bytes
    from pg_catalog.pg_class as class
    inner join pg_catalog.pg_namespace as namespace
        on namespace.oid = class.relnamespace
    left join pg_catalog.pg_class as toast
        on toast.oid = class.reltoastrelid
    where class.relkind in ('r', 'p', 'm')
    and class.relpersistence <> 't'
    and namespace.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    and not exists (
        select
        from pg_catalog.pg_depend as member
        where member.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and member.objid = class.oid
        and member.deptype = 'e'
    )
)

select
    case attribute.attstorage when 'p' then 'plain' else 'external' end as kind,
    stored.name,
    pg_catalog.quote_ident(attribute.attname) as column_name,
    coalesce(stored.toast_bytes, 0) as toast_bytes,
    pg_catalog.format(
        'alter table %s alter column %I set storage %s;',
        stored.name,
        attribute.attname,
        case type.typstorage when 'm' then 'main' when 'e' then 'external' else 'extended' end
    ) as remedy
from stored
inner join pg_catalog.pg_attribute as attribute
    on attribute.attrelid = stored.oid
    and attribute.attnum > 0
    and not attribute.attisdropped
inner join pg_catalog.pg_type as type
    on type.oid = attribute.atttypid
where attribute.attlen = -1
and (
    (attribute.attstorage = 'p' and type.typstorage <> 'p')
    or (attribute.attstorage = 'e' and type.typstorage = 'x')
)
and not exists (
    select
    from pg_catalog.pg_inherits as inherits
    inner join pg_catalog.pg_attribute as above
        on above.attrelid = inherits.inhparent
        and above.attname = attribute.attname
        and above.attstorage = attribute.attstorage
    where inherits.inhrelid = stored.oid
    and attribute.attstorage = 'p'
)
union all
select
    'never vacuumed',
    stored.name,
    '',
    stored.toast_bytes,
    pg_catalog.format('alter table %s reset (toast.autovacuum_enabled);', stored.name)
from stored
where exists (
    select
    from pg_catalog.pg_options_to_table(stored.toast_options) as option
    where option.option_name = 'autovacuum_enabled'
    and not option.option_value::bool
)
and not exists (
    select
    from pg_catalog.pg_options_to_table(stored.reloptions) as option
    where option.option_name = 'autovacuum_enabled'
    and not option.option_value::bool
)
order by
    name,
    kind,
    column_name
