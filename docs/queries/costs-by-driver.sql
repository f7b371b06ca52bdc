-- Why the last full 30 days before a moment cost more or less than the 30 before them: usage, price, and what is not priced by quantity.
-- Caveat: usage is the change of quantity at the old price, price the rest; the three add up to the difference exactly.
\if :{?moment} \else \set moment now \endif

with spent as (
    select
        spend.account,
        spend.service,
        spend.unit,
        spend.currency,
        coalesce(sum(spend.effective_cost) filter (where spend.day < :'moment'::date - 30), 0) as cost_before,
        coalesce(sum(spend.effective_cost) filter (where spend.day >= :'moment'::date - 30), 0) as cost_after,
        coalesce(sum(spend.quantity) filter (where spend.day < :'moment'::date - 30), 0) as quantity_before,
        coalesce(sum(spend.quantity) filter (where spend.day >= :'moment'::date - 30), 0) as quantity_after
    from upkeep.spend_now as spend
    where spend.day >= :'moment'::date - 60
    and spend.day < :'moment'::date
    and spend.category = 'Usage'
    group by
        spend.account,
        spend.service,
        spend.unit,
        spend.currency
),
driven as (
    select
        spent.*,
        case
            when spent.quantity_before > 0 and spent.quantity_after > 0
                then (spent.quantity_after - spent.quantity_before) * (spent.cost_before / spent.quantity_before)
        end as by_usage
    from spent
)
select
    driven.account,
    driven.service,
    driven.unit,
    driven.currency,
    round(driven.cost_after - driven.cost_before, 2) as difference,
    round(driven.by_usage, 2) as usage,
    round(driven.cost_after - driven.cost_before, 2) - round(driven.by_usage, 2) as price,
    case when driven.by_usage is null then round(driven.cost_after - driven.cost_before, 2) end as new_or_gone
from driven
order by
    abs(driven.cost_after - driven.cost_before) desc,
    driven.account,
    driven.service,
    driven.unit,
    driven.currency
limit 20;
