-- What the 30 days before a moment cost as it was known a week after each day, beside what is known now: how far young numbers can be trusted.
\if :{?moment} \else \set moment now \endif

select
    spend.account,
    spend.currency,
    spend.day,
    round(sum(spend.billed_cost) filter (where spend.said_at < spend.day + interval '8 days' and spend.newest_then), 2) as after_a_week,
    round(sum(spend.billed_cost) filter (where spend.newest), 2) as now
from (
    select
        spend.*,
        row_number() over (
            partition by
                spend.account,
                spend.day,
                spend.key
            order by spend.version desc
        ) = 1 as newest,
        row_number() over (
            partition by
                spend.account,
                spend.day,
                spend.key,
                spend.said_at < spend.day + interval '8 days'
            order by spend.version desc
        ) = 1 as newest_then
    from upkeep.spend
    where spend.day >= :'moment'::date - 30
    and spend.day < :'moment'::date
) as spend
group by
    spend.account,
    spend.currency,
    spend.day
order by
    spend.account,
    spend.currency,
    spend.day desc;
