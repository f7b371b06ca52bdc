-- How far commitments were used, month by month in the three months up to a moment, and what unused ones cost.
\if :{?moment} \else \set moment now \endif

select
    date_trunc('month', spend.day)::date as month,
    spend.account,
    spend.commitment,
    spend.currency,
    round(coalesce(sum(spend.effective_cost) filter (where spend.commitment_status = 'Used'), 0), 2) as used,
    round(coalesce(sum(spend.effective_cost) filter (where spend.commitment_status = 'Unused'), 0), 2) as unused,
    round(
        coalesce(sum(spend.effective_cost) filter (where spend.commitment_status = 'Used'), 0)
        / nullif(sum(spend.effective_cost) filter (where spend.commitment_status in ('Used', 'Unused')), 0),
        3
    ) as utilisation
from upkeep.spend_now as spend
where spend.day >= date_trunc('month', :'moment'::date) - interval '2 months'
and spend.day < :'moment'::date
and spend.commitment is not null
group by
    month,
    spend.account,
    spend.commitment,
    spend.currency
order by
    month desc,
    unused desc,
    spend.account,
    spend.commitment,
    spend.currency;
