-- What decides whether rows of a table may be archived: its kind, rights, and whatever a delete would set off.
select
    class.oid::int8 as oid,
    class.relkind::text as kind,
    class.relispartition as is_partition,
    class.relreplident::text as identity,
    coalesce(pg_catalog.pg_relation_filenode(class.oid), 0)::int8 as file_node,
    greatest(class.reltuples, 0)::float8 as rows_estimated,
    pg_catalog.pg_table_size(class.oid)::int8 as bytes,
    pg_catalog.has_table_privilege(class.oid, 'select') as may_select,
    pg_catalog.has_table_privilege(class.oid, 'delete') as may_delete,
    pg_catalog.has_schema_privilege(namespace.oid, 'usage') as may_use,
    pg_catalog.pg_has_role(class.relowner, 'usage') as may_alter,
    pg_catalog.quote_ident(current_user) as login,
    pg_catalog.quote_ident(namespace.nspname) as quoted_schema,
    pg_catalog.format('%%I.%%I', namespace.nspname, class.relname) as quoted,
    pg_catalog.quote_ident(%(column)s) as quoted_column,
    dated.atttypid::regtype::text as column_type,
    exists (
        select
        from pg_catalog.pg_index as index
        where index.indrelid = class.oid
        and index.indisvalid
        and index.indkey[0] = dated.attnum
    ) as is_indexed,
    array(
        select pg_catalog.format('%%s of %%s', con.conname, con.conrelid::regclass)
        from pg_catalog.pg_constraint as con
        where con.confrelid = class.oid
        and con.contype = 'f'
        order by 1
    ) as referenced_by,
    array(
        select trigger.tgname::text
        from pg_catalog.pg_trigger as trigger
        where trigger.tgrelid = class.oid
        and not trigger.tgisinternal
        and trigger.tgenabled in ('O', 'A')
        and trigger.tgtype & 8 <> 0
        order by 1
    ) as delete_triggers,
    array(
        select rule.rulename::text
        from pg_catalog.pg_rewrite as rule
        where rule.ev_class = class.oid
        and rule.ev_type = '4'
        and rule.ev_enabled in ('O', 'A')
        order by 1
    ) as delete_rules,
    array(
        select pg_catalog.quote_ident(publication.pubname)
        from pg_catalog.pg_publication as publication
        where publication.pubdelete
        and (
            publication.puballtables
            or exists (
                select
                from pg_catalog.pg_publication_tables as published
                where published.pubname = publication.pubname
                and (
                    (published.schemaname = namespace.nspname and published.tablename = class.relname)
                    or exists (
                        select
                        from pg_catalog.pg_partition_ancestors(class.oid) as ancestor
                        where ancestor.relid
                        = pg_catalog.to_regclass(pg_catalog.format('%%I.%%I', published.schemaname, published.tablename))
                    )
                    or exists (
                        select
                        from pg_catalog.pg_partition_tree(class.oid) as part
                        where part.relid
                        = pg_catalog.to_regclass(pg_catalog.format('%%I.%%I', published.schemaname, published.tablename))
                    )
                )
            )
        )
        order by 1
    ) as publications,
    array(
        select inherits.inhrelid::regclass::text
        from pg_catalog.pg_inherits as inherits
        where inherits.inhparent = class.oid
        and class.relkind = 'r'
        order by 1
    ) as children,
    array(
        select inherits.inhrelid::regclass::text
        from pg_catalog.pg_partition_tree(class.oid) as part
        inner join pg_catalog.pg_inherits as inherits
            on inherits.inhparent = part.relid
        where pg_catalog.to_jsonb(inherits) ->> 'inhdetachpending' = 'true'
        order by 1
    ) as detaching,
    array(
        select key.attname::text
        from pg_catalog.pg_index as index
        inner join pg_catalog.pg_attribute as key
            on key.attrelid = index.indrelid
            and key.attnum = any(index.indkey)
        where index.indrelid = class.oid
        and index.indisprimary
        order by key.attnum
    ) as key
from pg_catalog.pg_class as class
inner join pg_catalog.pg_namespace as namespace
    on namespace.oid = class.relnamespace
left join pg_catalog.pg_attribute as dated
    on dated.attrelid = class.oid
    and dated.attname = %(column)s
    and dated.attnum > 0
    and not dated.attisdropped
where namespace.nspname = %(schema)s
and class.relname = %(name)s
order by class.oid
