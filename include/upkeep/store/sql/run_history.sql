-- Of each cadence: when its first run began, and the end of the newest window that had a run by then, other than the one asked about.
select
    cadence,
    min(started_at) as first_start,
    max(window_end) filter (
        where window_end <= %(by)s
        and (cadence, window_start, window_end) <> (%(cadence)s, %(start)s::timestamptz, %(end)s::timestamptz)
    ) as newest_end
from upkeep.run
where run_type <> 'made up'
group by cadence
order by cadence
