-- How much of each sequence is used, against the narrower of its own maximum and the column it feeds.
-- Caveat: one that was never used has no last value; one that this role may not read has none either and says so in readable.
with fed as (
    select
        dependency.refobjid as sequence_oid,
        attribute.attrelid,
        attribute.attnum,
        attribute.attname,
        attribute.atttypid
    from pg_catalog.pg_depend as dependency
    inner join pg_catalog.pg_attrdef as column_default
        on column_default.oid = dependency.objid
    inner join pg_catalog.pg_attribute as attribute
        on attribute.attrelid = column_default.adrelid
        and attribute.attnum = column_default.adnum
    where dependency.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
    and dependency.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    union
    select
        dependency.objid,
        attribute.attrelid,
        attribute.attnum,
        attribute.attname,
        attribute.atttypid
    from pg_catalog.pg_depend as dependency
    inner join pg_catalog.pg_attribute as attribute
        on attribute.attrelid = dependency.refobjid
        and attribute.attnum = dependency.refobjsubid
    where dependency.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
    and dependency.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    and dependency.deptype in ('a', 'i')
),

limited as (
    select
        pg_catalog.format('%I.%I', sequence.schemaname, sequence.sequencename) as name,
        coalesce(fed.attrelid::pg_catalog.regclass::text || '.' || pg_catalog.quote_ident(fed.attname), '') as feeds,
        pg_catalog.has_sequence_privilege(relation.oid, 'select, usage') as readable,
        sequence.schemaname,
        sequence.last_value,
        case when sequence.increment_by > 0 then
            least(sequence.max_value, case fed.atttypid
                when 'pg_catalog.int2'::pg_catalog.regtype then 32767
                when 'pg_catalog.int4'::pg_catalog.regtype then 2147483647
                else 9223372036854775807
            end)
        else
            greatest(sequence.min_value, case fed.atttypid
                when 'pg_catalog.int2'::pg_catalog.regtype then -32768
                when 'pg_catalog.int4'::pg_catalog.regtype then -2147483648
                else -9223372036854775808
            end)
        end as limit_value,
        case
            when fed.atttypid in ('pg_catalog.int2'::pg_catalog.regtype, 'pg_catalog.int4'::pg_catalog.regtype)
            then pg_catalog.format(
                'alter sequence %I.%I as bigint; -- then widen the column in a maintenance window: alter table %s alter column %I type bigint;',
                sequence.schemaname,
                sequence.sequencename,
                fed.attrelid::pg_catalog.regclass,
                fed.attname
            )
            else pg_catalog.format('alter sequence %I.%I as bigint no maxvalue;', sequence.schemaname, sequence.sequencename)
        end as widen
    from pg_catalog.pg_sequences as sequence
    inner join pg_catalog.pg_namespace as namespace
        on namespace.nspname = sequence.schemaname
    inner join pg_catalog.pg_class as relation
        on relation.relnamespace = namespace.oid
        and relation.relname = sequence.sequencename
    left join fed
        on fed.sequence_oid = relation.oid
    where not sequence.cycle
)

select distinct on (name)
    name,
    pg_catalog.quote_ident(schemaname) as schema,
    readable,
    feeds,
    coalesce(last_value, 0) as last_value,
    limit_value,
    coalesce((last_value::numeric / nullif(limit_value, 0))::float8, 0) as used,
    widen
from limited
where limit_value <> 0
order by
    name,
    used desc,
    feeds
