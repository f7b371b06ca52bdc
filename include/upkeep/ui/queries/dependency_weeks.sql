-- Faults open, opened and closed by week, of one repository or of all.
select
    window_end,
    repositories,
    not_judged,
    open_faults,
    opened,
    closed
from upkeep.fault_weeks(%(now)s::timestamptz - interval '371 days', %(now)s, %(target)s)
order by window_end
