-- How many days of each month have any charge of an account, as it was known at a moment.
select
    date_trunc('month', known.day)::date as month,
    count(distinct known.day) as days
from upkeep.spend_known(%(account)s, %(first)s, %(last)s, %(known_by)s) as known
group by month
