-- What each service cost in the three months up to a moment, by account and currency, with credits and taxes apart.
\if :{?moment} \else \set moment now \endif

select
    date_trunc('month', spend.day)::date as month,
    spend.account,
    spend.service,
    spend.currency,
    round(sum(spend.effective_cost) filter (where spend.category not in ('Credit', 'Tax')), 2) as gross,
    round(sum(spend.effective_cost) filter (where spend.category = 'Credit'), 2) as credits,
    round(sum(spend.effective_cost) filter (where spend.category = 'Tax'), 2) as taxes,
    round(sum(spend.billed_cost), 2) as billed
from upkeep.spend_now as spend
where spend.day >= date_trunc('month', :'moment'::date) - interval '2 months'
and spend.day < :'moment'::date
group by
    month,
    spend.account,
    spend.service,
    spend.currency
order by
    month desc,
    billed desc,
    spend.account,
    spend.service,
    spend.currency;
