-- Windows that end after a moment and have a run, oldest first.
select
    cadence,
    window_start,
    window_end,
    coalesce(again_at, started_at) as started_at,
    finished_at is not null and coalesce(again_at <= reported_at, true) as reported
from upkeep.run
where window_end > %(since)s
and run_type <> 'made up'
order by
    cadence,
    window_end,
    window_start
