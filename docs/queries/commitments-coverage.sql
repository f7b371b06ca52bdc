-- Which share of each service's usage was covered by commitments in the 30 days before a moment: what is left is paid by the hour.
-- Caveat: spot prices are no candidates and are left out; services that no commitment covers at all are not listed.
\if :{?moment} \else \set moment now \endif

select
    spend.account,
    spend.service,
    spend.currency,
    round(sum(spend.effective_cost) filter (where spend.commitment_status = 'Used'), 2) as covered,
    round(coalesce(sum(spend.effective_cost) filter (where spend.commitment is null), 0), 2) as on_demand,
    round(sum(spend.effective_cost) filter (where spend.commitment_status = 'Used') / nullif(sum(spend.effective_cost), 0), 3) as coverage
from upkeep.spend_now as spend
where spend.day >= :'moment'::date - 30
and spend.day < :'moment'::date
and spend.category = 'Usage'
and coalesce(spend.commitment_status, '') <> 'Unused'
and coalesce(spend.pricing, '') <> 'Dynamic'
group by
    spend.account,
    spend.service,
    spend.currency
having count(*) filter (where spend.commitment_status = 'Used') > 0
order by
    on_demand desc,
    spend.account,
    spend.service,
    spend.currency;
