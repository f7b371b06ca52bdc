-- Alerts of a service that fired over some days, each once as it was last known, newest first.
select
    fired.alert,
    fired.severity,
    fired.began,
    fired.ended,
    fired.seconds,
    fired.acknowledged,
    fired.acknowledged_by,
    fired.acknowledged_known
from (
    select distinct on (firing.alert, firing.labels, firing.began) firing.*
    from upkeep.alert_firing as firing
    where firing.target = %(service)s
    and firing.began > %(now)s - %(days)s * interval '1 day'
    order by
        firing.alert,
        firing.labels,
        firing.began,
        firing.window_end desc
) as fired
order by
    fired.began desc,
    fired.alert
limit %(limit)s
