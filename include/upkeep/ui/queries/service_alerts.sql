-- Alerts that the burn rates of a service would have sent, newest first.
select
    alert.objective,
    alert.kind,
    alert.came_at,
    alert.ended_at,
    alert.first_bad_at,
    alert.factor
from upkeep.burn_alert_whole as alert
where alert.service = %(service)s
and alert.came_at > %(now)s - %(days)s * interval '1 day'
order by alert.came_at desc
limit %(limit)s
