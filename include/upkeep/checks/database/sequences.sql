-- How many of its values each sequence has given, of those between where it begins and where it or a column that takes them ends.
-- Columns are those that it feeds by default or ownership, and those that refer to them by a foreign key; a domain is what it is made of.
-- A column whose default takes a remainder never comes to its end.
-- Caveat: one that was never used has no last value, and counts from where it will begin; one that this role may not read has none either and says so in readable, one that
-- another session has locked (alter sequence, truncate with restart identity) says so in locked, since asking would wait.
with recursive typed as (
    select
        plain.oid as type,
        plain.oid as base,
        -1 as typmod
    from pg_catalog.pg_type as plain
    where plain.oid in (
        'pg_catalog.int2'::pg_catalog.regtype,
        'pg_catalog.int4'::pg_catalog.regtype,
        'pg_catalog.numeric'::pg_catalog.regtype,
        'pg_catalog.varchar'::pg_catalog.regtype,
        'pg_catalog.bpchar'::pg_catalog.regtype
    )
    union all
    select
        domain.oid,
        typed.base,
        case when domain.typtypmod >= 0 then domain.typtypmod else typed.typmod end
    from typed
    inner join pg_catalog.pg_type as domain
        on domain.typbasetype = typed.type
        and domain.typtype = 'd'
),

fed as (
    select
        taken.sequence_oid,
        taken.attrelid,
        taken.attnum,
        false as refers
    from (
        select
            dependency.refobjid as sequence_oid,
            column_default.adrelid as attrelid,
            column_default.adnum as attnum
        from pg_catalog.pg_depend as dependency
        inner join pg_catalog.pg_attrdef as column_default
            on column_default.oid = dependency.objid
        where dependency.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
        and dependency.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
        union
        -- The default of a domain.
        select
            dependency.refobjid,
            attribute.attrelid,
            attribute.attnum
        from pg_catalog.pg_depend as dependency
        inner join pg_catalog.pg_attribute as attribute
            on attribute.atttypid = dependency.objid
        inner join pg_catalog.pg_class as class
            on class.oid = attribute.attrelid
            and class.relkind in ('r', 'p')
        where dependency.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
        and dependency.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and dependency.deptype = 'n'
        and not attribute.atthasdef
        union
        select
            dependency.objid,
            dependency.refobjid,
            dependency.refobjsubid
        from pg_catalog.pg_depend as dependency
        where dependency.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and dependency.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and dependency.deptype in ('a', 'i')
        and dependency.refobjsubid > 0
    ) as taken
    inner join pg_catalog.pg_sequence as sequence
        on sequence.seqrelid = taken.sequence_oid
    union
    select
        fed.sequence_oid,
        key.conrelid,
        pair.own,
        true
    from fed
    inner join pg_catalog.pg_constraint as key
        on key.confrelid = fed.attrelid
        and key.contype = 'f'
    cross join lateral rows from (pg_catalog.unnest(key.conkey), pg_catalog.unnest(key.confkey)) as pair (own, referred)
    where pair.referred = fed.attnum
),

remainder as (
    select pg_catalog.format(':opno %s ', operator.oid) as node
    from pg_catalog.pg_operator as operator
    where operator.oprname = '%'
    union all
    select pg_catalog.format(':funcid %s ', function.oid)
    from pg_catalog.pg_proc as function
    where function.proname = 'mod'
),

narrow as (
    select
        fed.sequence_oid,
        fed.refers,
        fed.attrelid::pg_catalog.regclass::text as table_name,
        pg_catalog.quote_ident(attribute.attname) as column_name,
        case typed.base
            when 'pg_catalog.int2'::pg_catalog.regtype then 32767
            when 'pg_catalog.int4'::pg_catalog.regtype then 2147483647
            else case when digits.above < 19 then 10::numeric ^ digits.above - 1 end
        end as highest,
        case typed.base
            when 'pg_catalog.int2'::pg_catalog.regtype then -32768
            when 'pg_catalog.int4'::pg_catalog.regtype then -2147483648
            else case when digits.below < 19 then 1 - 10::numeric ^ digits.below end
        end as lowest,
        case
            when typed.base = 'pg_catalog.numeric'::pg_catalog.regtype then 'numeric'
            when typed.base in ('pg_catalog.int2'::pg_catalog.regtype, 'pg_catalog.int4'::pg_catalog.regtype) then 'bigint'
            else 'text'
        end as wider
    from fed
    inner join pg_catalog.pg_attribute as attribute
        on attribute.attrelid = fed.attrelid
        and attribute.attnum = fed.attnum
    left join typed
        on typed.type = attribute.atttypid
    left join pg_catalog.pg_attrdef as plain
        on plain.adrelid = fed.attrelid
        and plain.adnum = fed.attnum
        and typed.base in ('pg_catalog.varchar'::pg_catalog.regtype, 'pg_catalog.bpchar'::pg_catalog.regtype)
        and plain.adbin::text ~ '^[{](COERCETODOMAIN :arg [{])?(FUNCEXPR [^{]*[{])?COERCEVIAIO :arg [{]FUNCEXPR :funcid 1574 '
    -- A numeric's modifier holds its digits and, in the lowest eleven bits, how many of them are behind the point; a text's how many
    -- characters it has, one of which is the sign. A text counts where it takes the number alone.
    cross join lateral (
        select case when attribute.atttypmod >= 0 then attribute.atttypmod else typed.typmod end - 4 as packed
    ) as modifier
    cross join lateral (
        select ((modifier.packed >> 16) & 65535) - (((modifier.packed & 2047) # 1024) - 1024) as whole
    ) as digit
    cross join lateral (
        select
            case
                when modifier.packed < 0 then null
                when typed.base = 'pg_catalog.numeric'::pg_catalog.regtype then digit.whole
                when plain.adrelid is not null then modifier.packed
            end as above,
            case
                when modifier.packed < 0 then null
                when typed.base = 'pg_catalog.numeric'::pg_catalog.regtype then digit.whole
                when plain.adrelid is not null then modifier.packed - 1
            end as below
    ) as digits
    where not exists (
        select
        from pg_catalog.pg_attrdef as given
        inner join remainder
            on pg_catalog.strpos(given.adbin::text, remainder.node) > 0
        where given.adrelid = fed.attrelid
        and given.adnum = fed.attnum
    )
),

held as materialized (
    select distinct lock.relation as oid
    from pg_catalog.pg_locks as lock
    inner join pg_catalog.pg_database as database
        on database.oid = lock.database
        and database.datname = pg_catalog.current_database()
    where lock.locktype = 'relation'
    and lock.mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
),

own as materialized (
    select
        sequence.*,
        namespace.nspname,
        class.relname,
        pg_catalog.has_sequence_privilege(class.oid, 'select, usage') as readable,
        held.oid is not null as locked,
        -- Asking for the size finds out that one was dropped; asking for its value then would fail.
        case
            when held.oid is null and pg_catalog.has_sequence_privilege(class.oid, 'select, usage')
            then pg_catalog.pg_relation_size(class.oid)
            else 0
        end as bytes
    from pg_catalog.pg_sequence as sequence
    inner join pg_catalog.pg_class as class
        on class.oid = sequence.seqrelid
    inner join pg_catalog.pg_namespace as namespace
        on namespace.oid = class.relnamespace
    left join held
        on held.oid = class.oid
    where class.relpersistence = 'p'
    or (class.relpersistence = 'u' and not pg_catalog.pg_is_in_recovery())
),

looked as materialized (
    select
        own.*,
        case when own.readable and not own.locked and own.bytes is not null then pg_catalog.pg_sequence_last_value(own.seqrelid) end as last_value
    from own
    where own.readable is not null
    and own.bytes is not null
),

bounded as (
    select
        looked.*,
        narrow.refers,
        narrow.table_name,
        narrow.column_name,
        narrow.wider,
        looked.seqincrement > 0 as ascends,
        coalesce(looked.last_value, looked.seqstart::numeric - looked.seqincrement) as reached,
        least(looked.seqmax::numeric, narrow.highest) as highest,
        greatest(looked.seqmin::numeric, narrow.lowest) as lowest
    from looked
    left join narrow
        on narrow.sequence_oid = looked.seqrelid
),

counted as (
    select
        bounded.*,
        case
            when bounded.ascends then pg_catalog.div(bounded.reached - bounded.seqmin, bounded.seqincrement)
            else pg_catalog.div(bounded.seqmax - bounded.reached, -bounded.seqincrement::numeric)
        end + 1 as given,
        greatest(
            case
                when bounded.ascends then pg_catalog.div(bounded.highest - bounded.seqmin, bounded.seqincrement)
                else pg_catalog.div(bounded.seqmax - bounded.lowest, -bounded.seqincrement::numeric)
            end + 1,
            1
        ) as there_are,
        case when bounded.ascends then bounded.highest < bounded.seqmax else bounded.lowest > bounded.seqmin end as by_column
    from bounded
)

select distinct on (name)
    pg_catalog.format('%I.%I', nspname, relname) as name,
    pg_catalog.quote_ident(nspname) as schema,
    readable,
    locked,
    coalesce(table_name || '.' || column_name, '') as feeds,
    coalesce(refers, false) as refers,
    last_value,
    case when ascends then highest else lowest end::int8 as limit_value,
    given::int8 as given,
    there_are::float8 as there_are,
    least(given / there_are, 1)::float8 as used,
    case
        when by_column and refers
        then pg_catalog.format('alter table %s alter column %s type %s; -- rewrites it: in a maintenance window', table_name, column_name, wider)
        when by_column
        then pg_catalog.format(
            'alter sequence %I.%I as bigint; -- then widen the column in a maintenance window: alter table %s alter column %s type %s;',
            nspname,
            relname,
            table_name,
            column_name,
            wider
        )
        else pg_catalog.format('alter sequence %I.%I as bigint no %s;', nspname, relname, case when ascends then 'maxvalue' else 'minvalue' end)
    end as widen
from counted
where not seqcycle
or by_column
order by
    name,
    used desc,
    by_column desc,
    feeds
