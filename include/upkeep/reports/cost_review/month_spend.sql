-- What each account cost in each month with credits and taxes, and how many of its days are known, as it was known at a moment.
with spent as (
    select
        target.name as account,
        known.currency,
        known.day,
        sum(coalesce(known.effective_cost, known.billed_cost)) as cost
    from upkeep.target as target
    cross join lateral upkeep.spend_known(target.name, %(first)s, %(last)s, %(known_by)s) as known
    where target.kind = 'accounts'
    group by
        target.name,
        known.currency,
        known.day
),
known_days as (
    select
        spent.account,
        date_trunc('month', spent.day)::date as month,
        count(distinct spent.day) as days
    from spent
    group by
        spent.account,
        month
)
select
    spent.account,
    spent.currency,
    known_days.month,
    sum(spent.cost) as cost,
    known_days.days
from spent
inner join known_days
    on known_days.account = spent.account
    and known_days.month = date_trunc('month', spent.day)::date
group by
    spent.account,
    spent.currency,
    known_days.month,
    known_days.days
order by
    spent.account,
    spent.currency,
    known_days.month
