-- How far commitments were used, as it was known at a moment, and what the same use would have cost at contracted prices.
-- Caveat: null where some use has no contracted price, or where the source puts the commitment's own price there (it is what was
-- paid, and below the list price); a purchase paid in advance is in the days that it covers.
select
    known.commitment,
    known.currency,
    coalesce(sum(known.effective_cost) filter (where known.commitment_status = 'Used'), 0) as used,
    coalesce(sum(known.effective_cost) filter (where known.commitment_status = 'Unused'), 0) as unused,
    case
        when coalesce(sum(known.contracted_missing) filter (where known.commitment_status = 'Used'), 0) = 0
        and not coalesce(
            sum(known.contracted_cost) filter (where known.commitment_status = 'Used')
            = sum(known.effective_cost) filter (where known.commitment_status = 'Used')
            and sum(known.list_cost) filter (where known.commitment_status = 'Used')
            > sum(known.contracted_cost) filter (where known.commitment_status = 'Used'),
            false
        )
            then sum(known.contracted_cost) filter (where known.commitment_status = 'Used')
    end as without_it,
    count(distinct known.day)::int4 as days
from upkeep.spend_known(%(account)s, %(first)s, %(last)s, %(known_by)s) as known
where known.commitment is not null
and known.commitment_status in ('Used', 'Unused')
group by
    known.commitment,
    known.currency
order by
    known.commitment,
    known.currency
