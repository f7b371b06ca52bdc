-- The main numbers of each window, as its stored report counted them, oldest first.
select
    report.window_end,
    (told.counts ->> 'red')::float8 as red,
    (told.counts ->> 'open')::float8 as open,
    (told.counts ->> 'overdue')::float8 as overdue,
    (told.counts ->> 'missing')::float8 as missing,
    (told.by_status ->> 'ok')::float8 as ok,
    (told.by_status ->> 'breach')::float8 as breach,
    (told.by_status ->> 'unknown')::float8 as unknown
from upkeep.report as report
cross join lateral jsonb_to_record(report.content) as told (counts jsonb, by_status jsonb)
where report.cadence = %(cadence)s
and report.name = 'run'
and report.window_end > %(since)s
order by
    report.window_end,
    report.window_start
