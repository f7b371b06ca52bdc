-- The main numbers of each window, as its stored report counted them, oldest first.
select
    window_end,
    (content #>> '{counts,red}')::float8 as red,
    (content #>> '{counts,open}')::float8 as open,
    (content #>> '{counts,overdue}')::float8 as overdue,
    (content #>> '{counts,unasked}')::float8 as unasked,
    (content #>> '{by_status,ok}')::float8 as ok,
    (content #>> '{by_status,breach}')::float8 as breach,
    (content #>> '{by_status,unknown}')::float8 as unknown
from upkeep.report
where cadence = %(cadence)s
and name = 'run'
and window_end > %(since)s
order by
    window_end,
    window_start
