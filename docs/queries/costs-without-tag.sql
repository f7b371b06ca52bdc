-- What has no value of the tag team in the 30 days before a moment, by account and service: where tagging pays most. Name another tag with -v tag=…
\if :{?moment} \else \set moment now \endif

\if :{?tag} \else \set tag team \endif

select
    spend.sub_account,
    spend.service,
    spend.currency,
    round(sum(spend.effective_cost) filter (where not spend.tags ? :'tag'), 2) as untagged,
    round(sum(spend.effective_cost), 2) as cost,
    round(sum(spend.effective_cost) filter (where not spend.tags ? :'tag') / nullif(sum(spend.effective_cost), 0), 3) as share
from upkeep.spend_now as spend
where spend.day >= :'moment'::date - 30
and spend.day < :'moment'::date
and spend.category in ('Usage', 'Purchase')
group by
    spend.sub_account,
    spend.service,
    spend.currency
having sum(spend.effective_cost) filter (where not spend.tags ? :'tag') > 0
order by
    untagged desc,
    spend.sub_account,
    spend.service,
    spend.currency
limit 20;
