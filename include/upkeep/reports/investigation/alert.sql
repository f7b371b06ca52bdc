-- Alerts of services that fired in a window, each time once, as the newest window tells it.
select distinct on (firing.target, firing.alert, firing.labels, firing.began)
    firing.target as service,
    firing.alert,
    firing.began as since,
    coalesce(firing.ended, firing.window_end) as ends
from upkeep.alert_firing as firing
where firing.duty = 'alerts'
and firing.window_start >= %(start)s
and firing.window_end <= %(end)s
order by
    firing.target,
    firing.alert,
    firing.labels,
    firing.began,
    firing.window_end desc
