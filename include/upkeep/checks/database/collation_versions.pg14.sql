-- Collations whose order may have changed: the version they were made with is not that of the library in use; with what was sorted by them.
-- Caveat: hash indexes and those with pattern operator classes compare bytes and are left out. Sizes are of the last vacuum or analyze.
with changed as (
    select
        'collation' as kind,
        collation_used.oid,
        pg_catalog.format('%I.%I', namespace.nspname, collation_used.collname) as name,
        collation_used.collversion as stored,
        pg_catalog.pg_collation_actual_version(collation_used.oid) as actual
    from pg_catalog.pg_collation as collation_used
    inner join pg_catalog.pg_namespace as namespace
        on namespace.oid = collation_used.collnamespace
    where collation_used.collversion is not null
    and collation_used.collencoding in (
        -1,
        (
            select database.encoding
            from pg_catalog.pg_database as database
            where database.datname = pg_catalog.current_database()
        )
    )
),

sorted_by as (
    select distinct
        used.collation_oid,
        index.indexrelid
    from pg_catalog.pg_index as index
    inner join pg_catalog.pg_class as class
        on class.oid = index.indexrelid
        and class.relkind = 'i'
        and class.relpersistence <> 't'
    inner join pg_catalog.pg_am as method
        on method.oid = class.relam
        and method.amname <> 'hash'
    cross join lateral rows from (
        pg_catalog.unnest(index.indcollation::oid []),
        pg_catalog.unnest(index.indclass::oid [])
    ) as used (collation_oid, class_oid)
    inner join pg_catalog.pg_opclass as operators
        on operators.oid = used.class_oid
        and operators.opcname !~ '_pattern_ops$'
    union
    -- What an index compares in its predicate or within an expression.
    select
        dependency.refobjid,
        index.indexrelid
    from pg_catalog.pg_depend as dependency
    inner join pg_catalog.pg_index as index
        on index.indexrelid = dependency.objid
    inner join pg_catalog.pg_class as class
        on class.oid = index.indexrelid
        and class.relkind = 'i'
        and class.relpersistence <> 't'
    where dependency.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
    and dependency.refclassid = 'pg_catalog.pg_collation'::pg_catalog.regclass
    and dependency.refobjid <> all(index.indcollation::oid [])
)

select
    changed.kind,
    changed.name,
    changed.stored,
    changed.actual,
    array(
        select pg_catalog.format('%I.%I', namespace.nspname, class.relname)
        from sorted_by
        inner join pg_catalog.pg_class as class
            on class.oid = sorted_by.indexrelid
        inner join pg_catalog.pg_namespace as namespace
            on namespace.oid = class.relnamespace
        where sorted_by.collation_oid = changed.oid
        order by
            class.relpages desc,
            namespace.nspname,
            class.relname
    ) as indexes,
    array(
        select pg_catalog.format('%I.%I', namespace.nspname, class.relname)
        from pg_catalog.pg_partitioned_table as partitioned
        inner join pg_catalog.pg_class as class
            on class.oid = partitioned.partrelid
        inner join pg_catalog.pg_namespace as namespace
            on namespace.oid = class.relnamespace
        where partitioned.partstrat = 'r'
        and changed.oid = any(partitioned.partcollation::oid [])
        order by
            namespace.nspname,
            class.relname
    ) as partitioned_tables
from changed
where changed.actual <> changed.stored
order by
    changed.kind,
    changed.name
