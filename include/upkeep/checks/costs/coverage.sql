-- What commitments covered of each service's usage and what was paid on demand, as it was known at a moment; spot is no candidate.
-- Caveat: use of a commitment that does not say whether it was used is neither (bill_quality tells of it).
select
    known.service,
    known.currency,
    coalesce(sum(known.effective_cost) filter (where known.commitment_status = 'Used'), 0) as covered,
    coalesce(sum(known.effective_cost) filter (where known.commitment_status is null), 0) as on_demand,
    count(*)::int8 as n
from upkeep.spend_known(%(account)s, %(first)s, %(last)s, %(known_by)s) as known
where known.category = 'Usage'
and coalesce(known.commitment_status, '') <> 'Unused'
and coalesce(known.pricing, '') <> 'Dynamic'
and (known.commitment_status is not null or (known.commitment is null and coalesce(known.pricing, '') <> 'Committed'))
group by
    known.service,
    known.currency
order by
    known.service,
    known.currency
