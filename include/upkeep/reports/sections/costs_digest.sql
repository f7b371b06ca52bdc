-- What every bill cost by service in the newest periods of a window's length, as it was known a window's length after it; period 0 is the window.
select
    bill.name as target,
    known.currency,
    known.service,
    case
        when %(monthly)s
            then (
                (extract(year from %(last)s::date) - extract(year from known.day)) * 12
                + extract(month from %(last)s::date) - extract(month from known.day)
            )::integer
        else (%(last)s::date - known.day) / 7
    end as period,
    sum(coalesce(known.effective_cost, known.billed_cost)) as cost,
    count(distinct known.day)::integer as days
from (
    select distinct delivery.account as name
    from upkeep.spend_delivery as delivery
    inner join upkeep.target
        on target.name = delivery.account
        and target.active
) as bill
cross join lateral upkeep.spend_known(bill.name, %(first)s, %(last)s, %(known_by)s) as known
group by
    bill.name,
    known.currency,
    known.service,
    period
order by
    bill.name,
    known.currency,
    known.service,
    period
