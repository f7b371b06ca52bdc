-- What an account's charges cost in each month by all that a measure can be about, without credits and taxes, as it was known at a moment.
-- Caveat: what a commitment paid and nobody used has neither quantity nor contracted cost; a source that puts the commitment's own
-- price in the place of the contracted one (it is what was paid, and below the list price) tells no contracted cost.
select
    date_trunc('month', known.day)::date as month,
    known.sub_account,
    known.service,
    known.region,
    known.tags,
    known.currency,
    known.unit,
    sum(coalesce(known.effective_cost, known.billed_cost)) as cost,
    coalesce(sum(known.contracted_cost) filter (where known.commitment_status is distinct from 'Unused'), 0) as contracted,
    coalesce(
        bool_and(
            known.contracted_cost is not null
            and known.contracted_missing = 0
            and not coalesce(
                known.commitment_status = 'Used'
                and known.contracted_cost = known.effective_cost
                and known.list_cost > known.contracted_cost,
                false
            )
        )
        filter (where known.commitment_status is distinct from 'Unused'),
        true
    ) as contracted_told,
    coalesce(sum(known.quantity) filter (where known.commitment_status is distinct from 'Unused'), 0) as quantity,
    coalesce(bool_and(known.quantity is not null) filter (where known.commitment_status is distinct from 'Unused'), true) as quantity_told,
    bool_or(known.provisional) as provisional
from upkeep.spend_known(%(account)s, %(first)s, %(last)s, %(known_by)s) as known
where known.category not in ('Credit', 'Tax')
group by
    month,
    known.sub_account,
    known.service,
    known.region,
    known.tags,
    known.currency,
    known.unit
order by
    month,
    known.sub_account,
    known.service,
    known.region,
    known.tags,
    known.currency,
    known.unit
