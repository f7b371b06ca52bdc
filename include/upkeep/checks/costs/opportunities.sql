-- What services cost by day and region, as it is known now: on demand (spot apart) and covered by commitments, with list prices.
-- Caveat: where the source tells no effective cost, the billed one stands; charges without a list price are in on_demand only.
select
    spend.day,
    spend.service,
    spend.region,
    spend.currency,
    coalesce(sum(coalesce(spend.effective_cost, spend.billed_cost)) filter (where spend.commitment_status is null), 0) as on_demand,
    coalesce(
        sum(coalesce(spend.effective_cost, spend.billed_cost) - spend.list_missing)
            filter (where spend.commitment_status is null and spend.list_cost is not null),
        0
    ) as on_demand_priced,
    coalesce(sum(spend.list_cost) filter (where spend.commitment_status is null), 0) as on_demand_list,
    coalesce(sum(spend.effective_cost) filter (where spend.commitment_status = 'Used'), 0) as covered,
    coalesce(sum(spend.list_cost) filter (where spend.commitment_status = 'Used'), 0) as covered_list
from upkeep.spend_now as spend
where spend.account = %(account)s
and spend.day between %(first)s and %(last)s
and spend.category = 'Usage'
and coalesce(spend.pricing, '') <> 'Dynamic'
group by
    spend.day,
    spend.service,
    spend.region,
    spend.currency
order by
    spend.day,
    spend.service,
    spend.region,
    spend.currency
