-- Bills that the inventory names or the ledger has, with the newest day of each; null where nothing was imported yet.
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
    select
        spend.day,
        spend.said_at
    from upkeep.spend
    where spend.account = bill.name
    order by spend.day desc
    limit 1
) as newest
    on true
order by
    newest.day is null,
    bill.name
