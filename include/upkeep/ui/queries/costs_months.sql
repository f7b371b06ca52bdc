-- Effective cost with credits and taxes by month, service and currency, as it is known now.
-- Caveat: where the source tells no effective cost, the billed one stands.
select
    date_trunc('month', newest.day)::date as month,
    newest.service,
    newest.currency,
    sum(coalesce(newest.effective_cost, newest.billed_cost)) as cost,
    count(*) as entries
from upkeep.spend as newest
left join upkeep.spend as later
    on later.account = newest.account
    and later.day = newest.day
    and later.key = newest.key
    and later.version = newest.version + 1
    and later.version > 1
    and later.day >= %(since)s
where newest.account = %(account)s
and newest.day >= %(since)s
and newest.source_rows > 0
and later.version is null
group by
    date_trunc('month', newest.day),
    newest.service,
    newest.currency
order by
    month,
    newest.service,
    newest.currency
