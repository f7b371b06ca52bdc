-- What one unit of each service cost, month by month, in the three months up to a moment: the effective price, discounts included.
\if :{?moment} \else \set moment now \endif

select
    date_trunc('month', spend.day)::date as month,
    spend.service,
    spend.unit,
    spend.currency,
    sum(spend.quantity) as quantity,
    round(sum(spend.effective_cost), 2) as cost,
    round(sum(spend.effective_cost) / nullif(sum(spend.quantity), 0), 6) as unit_cost
from upkeep.spend_now as spend
where spend.day >= date_trunc('month', :'moment'::date) - interval '2 months'
and spend.day < :'moment'::date
and spend.category = 'Usage'
and spend.unit is not null
group by
    month,
    spend.service,
    spend.unit,
    spend.currency
order by
    spend.service,
    spend.unit,
    spend.currency,
    month;
