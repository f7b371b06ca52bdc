-- How long outages of a service would have gone unseen, by months, newest first.
select
    detected.month,
    detected.mean_seconds,
    detected.median_seconds,
    detected.longest_seconds,
    detected.outages
from upkeep.detection_month as detected
where detected.service = %(service)s
and detected.month >= (%(now)s - %(days)s * interval '1 day')::date - 31
order by detected.month desc
