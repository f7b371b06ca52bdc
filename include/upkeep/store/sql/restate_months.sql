-- Closed months that a delivery changed, by account, service and currency; a month that was not known before is none.
with changed as (
    select
        date_trunc('month', after.day)::date as month,
        after.sub_account,
        after.service,
        after.currency,
        after.said_at,
        after.billed_cost - coalesce(before.billed_cost, 0) as billed,
        after.effective_cost - case when before.version is null then 0 else before.effective_cost end as effective,
        case
            when after.class = 'Correction' then 'correction'
            when coalesce(before.source_rows, 0) = 0 then 'late'
            when after.source_rows = 0 then 'withdrawn'
            else 'changed'
        end as why
    from upkeep.spend as after
    left join upkeep.spend as before
        on before.account = after.account
        and before.day = after.day
        and before.key = after.key
        and before.version = after.version - 1
    where after.delivery = %(delivery)s
),
-- Each month once: looked up for each row, it would cost the square of them.
known as materialized (
    select month.month
    from (
        select distinct
            changed.month,
            changed.said_at
        from changed
    ) as month
    where (month.month + interval '1 month' + %(closes)s * interval '1 day') at time zone 'UTC' <= month.said_at
    and exists (
        select
        from upkeep.spend as earlier
        where earlier.account = %(account)s
        and earlier.day >= month.month
        and earlier.day < month.month + interval '1 month'
        and earlier.delivery < %(delivery)s
    )
)
insert into upkeep.restatement (
    account,
    month,
    sub_account,
    service,
    currency,
    delivery,
    said_at,
    billed_difference,
    effective_difference,
    why
)
select
    %(account)s,
    changed.month,
    changed.sub_account,
    changed.service,
    changed.currency,
    %(delivery)s,
    min(changed.said_at),
    sum(changed.billed),
    case when count(changed.effective) = count(*) then sum(changed.effective) end,
    case when count(distinct changed.why) = 1 then min(changed.why) else 'several' end
from changed
inner join known
    on known.month = changed.month
group by
    changed.month,
    changed.sub_account,
    changed.service,
    changed.currency
having sum(changed.billed) <> 0
or coalesce(sum(changed.effective), 0) <> 0
returning
    to_char(month, 'FMMonth YYYY') || ': ' || to_char(billed_difference, 'FMS999,999,999,990.00') || ' ' || currency
    || ' (' || service || ', account ' || sub_account || ', ' || why || ')'
