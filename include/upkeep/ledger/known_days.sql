-- How many days of each month have any charge of an account, as it was known at a moment.
select
    date_trunc('month', charged.day)::date as month,
    count(*) as days
from (
    select distinct known.day
    from upkeep.spend_known(%(account)s, %(first)s, %(last)s, %(known_by)s) as known
) as charged
group by month
