-- What a part of a bill is made of, by one of its sides, as it is known now; null is what has none.
-- Caveat: credits and taxes are in the cost; where the source tells no effective cost, the billed one stands.
select
    side.part,
    max(side.label) as label,
    sum(side.cost) as cost,
    sum(side.entries) as entries,
    sum(sum(side.cost)) over () as whole,
    count(*) over () as total
from (
    select
        case %(by)s
            when 'account' then newest.sub_account
            when 'service' then newest.service
            when 'region' then newest.region
            when 'tag' then newest.tags ->> %(by_key)s::text
            else newest.day::text
        end as part,
        case when %(by)s = 'account' then max(newest.sub_account_name) end as label,
        sum(coalesce(newest.effective_cost, newest.billed_cost)) as cost,
        count(*) as entries
    from upkeep.spend_now as newest
    where newest.account = %(account)s
    and newest.currency = %(currency)s
    and newest.day between %(first)s and %(last)s
    and (%(sub)s::text is null or newest.sub_account = %(sub)s)
    and (%(service)s::text is null or newest.service = %(service)s)
    and (%(region)s::text is null or newest.region = %(region)s)
    and (not %(no_region)s or newest.region is null)
    and (%(key)s::text is null or newest.tags ->> %(key)s::text is not distinct from %(value)s::text)
    group by
        newest.sub_account,
        1
) as side
group by side.part
order by
    case when %(by)s = 'day' then side.part end desc nulls last,
    sum(side.cost) desc,
    side.part
limit %(limit)s
offset %(offset)s
