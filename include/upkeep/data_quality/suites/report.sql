-- The newest earlier report of the cadence: its counts of answers against the rows of its window, by status.
with newest as (
    select
        report.window_start,
        report.window_end,
        report.content
    from upkeep.report as report
    where report.cadence = %(cadence)s
    and report.name = 'run'
    and report.window_end <= %(start)s
    order by report.window_end desc
    limit 1
)
select
    concat(
        'window from ', newest.window_start, ': it says ', said.value, ' ', said.key, ', there are ', rows.counted
    ) as about,
    said.value::text::bigint - rows.counted as difference
from newest
cross join lateral jsonb_each(newest.content -> 'by_status') as said (key, value)
cross join lateral (
    select count(*) as counted
    from upkeep.answer as answer
    where answer.cadence = %(cadence)s
    and answer.window_start = newest.window_start
    and answer.window_end = newest.window_end
    and answer.status::text = said.key
) as rows
order by said.key
