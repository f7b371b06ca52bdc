-- Effective cost with credits and taxes by month, service and currency, as it is known now.
-- Caveat: where the source tells no effective cost, the billed one stands. Days are added up first: to name the month of each row costs more than its sum.
select
    date_trunc('month', daily.day)::date as month,
    daily.service,
    daily.currency,
    sum(daily.cost) as cost,
    sum(daily.entries)::bigint as entries
from (
    select
        newest.day,
        newest.service,
        newest.currency,
        sum(coalesce(newest.effective_cost, newest.billed_cost)) as cost,
        count(*) as entries
    from upkeep.spend_now as newest
    where newest.account = %(account)s
    and newest.day >= %(since)s
    group by
        newest.day,
        newest.service,
        newest.currency
) as daily
group by
    date_trunc('month', daily.day),
    daily.service,
    daily.currency
order by
    month,
    daily.service,
    daily.currency
