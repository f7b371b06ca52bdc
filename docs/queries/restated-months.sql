-- Closed months that changed in the year before a moment: by how much, when, and why.
\if :{?moment} \else \set moment now \endif

select
    restated.said_at::date as said_on,
    restated.month,
    restated.account,
    restated.sub_account,
    restated.service,
    restated.currency,
    round(restated.billed_difference, 2) as difference,
    restated.why,
    delivery.what
from upkeep.restatement as restated
inner join upkeep.spend_delivery as delivery
    on delivery.id = restated.delivery
where restated.said_at >= :'moment'::timestamptz - interval '1 year'
and restated.said_at < :'moment'::timestamptz
order by
    abs(restated.billed_difference) desc,
    restated.said_at,
    restated.account,
    restated.month,
    restated.sub_account,
    restated.service,
    restated.currency;
