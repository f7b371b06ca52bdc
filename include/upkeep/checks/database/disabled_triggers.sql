-- Triggers, rules and event triggers that are switched off, and constraints whose own triggers are, so that they hold no longer: those
-- triggers guard nothing either where they fire on replicas alone.
-- Caveat: tables that pg_restore is filling right now are left out, since it switches their triggers off meanwhile.
with restoring as (
    select lock.relation as oid
    from pg_catalog.pg_locks as lock
    inner join pg_catalog.pg_stat_activity as activity
        on activity.pid = lock.pid
        and activity.application_name = 'pg_restore'
        and activity.datname = pg_catalog.current_database()
    where lock.locktype = 'relation'
    and lock.relation is not null
),

off as (
    select
        trigger.oid,
        trigger.tgrelid,
        trigger.tgname,
        trigger.tgisinternal,
        trigger.tgconstraint,
        (pg_catalog.to_jsonb(trigger) ->> 'tgparentid')::oid as parent,
        called.proname ~ '^RI_FKey_check' as checks_new_rows
    from pg_catalog.pg_trigger as trigger
    inner join pg_catalog.pg_proc as called
        on called.oid = trigger.tgfoid
    where (trigger.tgenabled = 'D' or (trigger.tgenabled = 'R' and trigger.tgisinternal))
    and trigger.tgrelid not in (select restoring.oid from restoring)
),

broken as (
    select
        tgconstraint as oid,
        pg_catalog.bool_or(checks_new_rows) as checks_new_rows,
        pg_catalog.bool_or(not checks_new_rows) as checks_changes,
        pg_catalog.min(tgrelid::pg_catalog.regclass::text) as switched_off_on
    from off
    where tgisinternal
    and tgconstraint <> 0
    group by tgconstraint
),

named as (
    select
        class.oid,
        pg_catalog.format('%I.%I', namespace.nspname, class.relname) as name,
        class.relkind
    from pg_catalog.pg_class as class
    inner join pg_catalog.pg_namespace as namespace
        on namespace.oid = class.relnamespace
    where class.relpersistence <> 't'
    and not exists (
        select
        from pg_catalog.pg_depend as member
        where member.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and member.objid = class.oid
        and member.deptype = 'e'
    )
)

select
    'trigger' as kind,
    named.name as table_name,
    pg_catalog.quote_ident(off.tgname) as name,
    '' as lets_through,
    pg_catalog.format('alter table %s enable trigger %I;', named.name, off.tgname) as remedy
from off
inner join named
    on named.oid = off.tgrelid
where not off.tgisinternal
and not exists (
    select
    from off as parent
    where parent.oid = off.parent
)
and not exists (
    select
    from pg_catalog.pg_depend as member
    where member.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass
    and member.objid = off.oid
    and member.deptype = 'e'
)
union all
select
    case when guard.contype = 'f' then 'foreign key' else 'constraint' end,
    named.name,
    pg_catalog.quote_ident(guard.conname),
    pg_catalog.concat_ws(
        ' and ',
        case when guard.contype <> 'f' then 'rows that repeat others' end,
        case when guard.contype = 'f' and broken.checks_new_rows then 'new rows without the row they refer to' end,
        case when guard.contype = 'f' and broken.checks_changes then 'deletes of rows that others refer to' end
    ),
    case
        when guard.conparentid <> 0
        then pg_catalog.format('alter table %s enable trigger all; -- as a superuser', broken.switched_off_on)
        when guard.contype <> 'f' or named.relkind = 'p'
        then pg_catalog.format(
            'alter table %1$s drop constraint %2$I, add constraint %2$I %3$s; -- reads every row under a lock, and names one that breaks it',
            named.name,
            guard.conname,
            pg_catalog.pg_get_constraintdef(guard.oid)
        )
        else pg_catalog.format(
            'alter table %1$s drop constraint %2$I, add constraint %2$I %3$s not valid; alter table %1$s validate constraint %2$I;',
            named.name,
            guard.conname,
            pg_catalog.regexp_replace(pg_catalog.pg_get_constraintdef(guard.oid), ' NOT VALID$', '')
        )
    end
from broken
inner join pg_catalog.pg_constraint as guard
    on guard.oid = broken.oid
inner join named
    on named.oid = guard.conrelid
where not exists (
    select
    from broken as parent
    where parent.oid = guard.conparentid
)
union all
select
    'rule',
    named.name,
    pg_catalog.quote_ident(rewrite.rulename),
    '',
    pg_catalog.format('alter table %s enable rule %I;', named.name, rewrite.rulename)
from pg_catalog.pg_rewrite as rewrite
inner join named
    on named.oid = rewrite.ev_class
where rewrite.ev_enabled = 'D'
union all
select
    'event trigger',
    '',
    pg_catalog.quote_ident(event.evtname),
    '',
    pg_catalog.format('alter event trigger %I enable;', event.evtname)
from pg_catalog.pg_event_trigger as event
where event.evtenabled = 'D'
order by
    table_name,
    kind,
    name
