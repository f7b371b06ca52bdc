-- Effective cost by day, account, service, tag set and currency, as it was known at a moment (upkeep.spend_known says what that means).
-- Caveat: where the source tells no effective cost, the billed one stands; credits and taxes are apart.
select
    known.sub_account,
    known.service,
    known.tags,
    known.currency,
    known.day,
    sum(coalesce(known.effective_cost, known.billed_cost)) filter (where known.category not in ('Credit', 'Tax')) as gross,
    sum(coalesce(known.effective_cost, known.billed_cost)) as net,
    sum(known.quantity) as quantity,
    array_agg(distinct known.unit order by known.unit) filter (where known.unit is not null) as units,
    bool_or(known.provisional) as provisional
from upkeep.spend_known(%(account)s, %(first)s, %(last)s, %(known_by)s) as known
group by
    known.sub_account,
    known.service,
    known.tags,
    known.currency,
    known.day
order by
    known.sub_account,
    known.service,
    known.tags,
    known.currency,
    known.day
