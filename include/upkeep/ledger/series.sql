-- Effective cost by account, service, tag set and currency, as it was known at a moment (upkeep.spend_known says what that means):
-- a row for each, with its days and what each of them cost. Days come in no order, the same in every list.
-- Caveat: where the source tells no effective cost, the billed one stands; credits and taxes are apart.
select
    daily.sub_account,
    daily.service,
    daily.tags,
    daily.currency,
    array_agg(daily.day) as days,
    array_agg(daily.gross) as gross,
    array_agg(daily.net) as net,
    array_agg(daily.quantity) as quantity,
    array_agg(daily.units) as units,
    array_agg(daily.provisional) as provisional
from (
    select
        known.sub_account,
        known.service,
        known.tags,
        known.currency,
        known.day,
        sum(coalesce(known.effective_cost, known.billed_cost)) filter (where known.category not in ('Credit', 'Tax')) as gross,
        sum(coalesce(known.effective_cost, known.billed_cost)) as net,
        sum(known.quantity) as quantity,
        array[min(known.unit), max(known.unit)] as units,
        bool_or(known.provisional) as provisional
    from upkeep.spend_known(%(account)s, %(first)s, %(last)s, %(known_by)s) as known
    group by
        known.sub_account,
        known.service,
        known.tags,
        known.currency,
        known.day
) as daily
group by
    daily.sub_account,
    daily.service,
    daily.tags,
    daily.currency
order by
    daily.sub_account,
    daily.service,
    daily.tags,
    daily.currency
