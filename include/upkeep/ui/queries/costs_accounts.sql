-- Bills that the inventory names or the ledger has, with the newest day of each; null where nothing was imported yet.
-- Caveat: a day that is still to come counts only where there is no other, since a charge that is dated years ahead is not how far the bill is known.
select
    bill.name,
    newest.day as newest_day,
    newest.said_at
from (
    select target.name
    from upkeep.target
    where target.kind = 'accounts'
    and target.active
    union
    select delivery.account
    from upkeep.spend_delivery as delivery
) as bill
left join lateral (
    (
        select
            spend.day,
            spend.said_at,
            1 as place
        from upkeep.spend
        where spend.account = bill.name
        and spend.day <= (now() at time zone 'UTC')::date
        order by spend.day desc
        limit 1
    )
    union all
    (
        select
            spend.day,
            spend.said_at,
            2
        from upkeep.spend
        where spend.account = bill.name
        order by spend.day desc
        limit 1
    )
    order by place
    limit 1
) as newest
    on true
order by
    newest.day is null,
    bill.name
