-- Faults of packages open, opened and closed by the end of each week, in the year before the window's end.
select
    window_end,
    repositories::int8 as repositories,
    not_judged::int8 as not_judged,
    open_faults::int8 as open_faults,
    opened::int8 as opened,
    closed::int8 as closed
from upkeep.fault_weeks(%(end)s::timestamptz - interval '364 days', %(end)s, null)
order by window_end
