-- Showback: what each value of each declared tag cost in the 30 days before a moment, with its part of shared costs.
-- Caveat: from the daily check spend, so only days that it judged; reconciling rows are what could not be given out.
\if :{?moment} \else \set moment now \endif

select
    share.target as account,
    share.tag_key,
    share.kind,
    share.tag_value,
    share.currency,
    count(distinct share.day) as days,
    round(sum(share.own_cost), 2) as own,
    round(sum(share.shared_cost), 2) as shared,
    round(sum(share.total_cost), 2) as total
from upkeep.spend_share as share
where share.day >= :'moment'::date - 30
and share.day < :'moment'::date
group by
    share.target,
    share.tag_key,
    share.kind,
    share.tag_value,
    share.currency
order by
    share.target,
    share.tag_key,
    total desc,
    share.kind,
    share.tag_value,
    share.currency;
