-- Constraints that were added NOT VALID: new rows are checked, those that were there before never were.
-- Caveat: rows are those of the last vacuum or analyze. What is declared NOT ENFORCED (18 and later) is meant so and left out.
with unvalidated as (
    select
        guard.oid,
        guard.conname,
        guard.contype,
        guard.conrelid,
        guard.contypid,
        guard.conparentid
    from pg_catalog.pg_constraint as guard
    where not guard.convalidated
    and coalesce((pg_catalog.to_jsonb(guard) ->> 'conenforced')::bool, true)
)

select
    pg_catalog.format('%I.%I', namespace.nspname, coalesce(class.relname, type.typname)) as owner_name,
    class.oid is null as of_domain,
    pg_catalog.quote_ident(unvalidated.conname) as name,
    case unvalidated.contype when 'f' then 'foreign key' when 'n' then 'not null' else 'check' end as kind,
    coalesce(greatest(class.reltuples, 0), 0)::int8 as row_count
from unvalidated
left join pg_catalog.pg_class as class
    on class.oid = unvalidated.conrelid
left join pg_catalog.pg_type as type
    on type.oid = unvalidated.contypid
inner join pg_catalog.pg_namespace as namespace
    on namespace.oid = coalesce(class.relnamespace, type.typnamespace)
where class.relpersistence is distinct from 't'
and not exists (
    select
    from unvalidated as parent
    where parent.oid = unvalidated.conparentid
)
and not exists (
    select
    from pg_catalog.pg_inherits as inherits
    inner join unvalidated as parent
        on parent.conrelid = inherits.inhparent
    where inherits.inhrelid = unvalidated.conrelid
    and parent.contype = unvalidated.contype
    and parent.conname = unvalidated.conname
    and unvalidated.contype <> 'f'
)
and not exists (
    select
    from pg_catalog.pg_depend as member
    where member.objid = coalesce(class.oid, type.oid)
    and member.classid in ('pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_type'::pg_catalog.regclass)
    and member.deptype = 'e'
)
order by
    owner_name,
    name
