-- What discounts saved against list prices in the 30 days before a moment, by account and service, and how much of the cost that is about.
-- Caveat: charges without a list price are left out of both sides: upkeep.spend.list_missing.
\if :{?moment} \else \set moment now \endif

select
    spend.account,
    spend.service,
    spend.currency,
    round(sum(spend.list_cost), 2) as at_list_price,
    round(sum(spend.effective_cost - spend.list_missing), 2) as effective,
    round(sum(spend.list_cost - (spend.effective_cost - spend.list_missing)), 2) as saved,
    round(sum(spend.list_missing), 2) as without_list_price
from upkeep.spend_now as spend
where spend.day >= :'moment'::date - 30
and spend.day < :'moment'::date
and spend.category = 'Usage'
and spend.list_cost is not null
and spend.effective_cost is not null
group by
    spend.account,
    spend.service,
    spend.currency
order by
    saved desc,
    spend.account,
    spend.service,
    spend.currency
limit 20;
