-- This database's own catalogs whose rows have an oid: the name, and the column of grants when there is one.
select
    c.relname::pg_catalog.text as catalog,
    (
        select a.attname::pg_catalog.text
        from pg_catalog.pg_attribute as a
        where a.attrelid = c.oid and a.atttypid = 'pg_catalog.aclitem[]'::pg_catalog.regtype and not a.attisdropped
            and c.relname <> 'pg_default_acl'
            and pg_catalog.has_column_privilege(c.oid, a.attnum, 'select')
    ) as grants
from pg_catalog.pg_class as c
inner join pg_catalog.pg_attribute as o on o.attrelid = c.oid and o.attname = 'oid' and not o.attisdropped
where c.relnamespace = 'pg_catalog'::pg_catalog.regnamespace
    and c.relkind = 'r'
    and not c.relisshared
    -- Labels belong to their type, and the server has no words for them.
    and c.relname <> 'pg_enum'
    and pg_catalog.has_column_privilege(c.oid, o.attnum, 'select')
order by c.relname
