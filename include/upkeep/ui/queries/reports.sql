-- Stored reports, newest first, without their text.
select
    report.cadence,
    report.window_start,
    report.window_end,
    report.name,
    report.title,
    report.content ->> 'headline' as headline,
    run.dag_id,
    run.run_id,
    count(*) over () as total
from upkeep.report as report
left join upkeep.run as run
    on run.cadence = report.cadence
    and run.window_start = report.window_start
    and run.window_end = report.window_end
where %(cadence)s::text is null
or report.cadence = %(cadence)s
order by
    report.window_end desc,
    array_position(%(cadences)s::text[], report.cadence) desc,
    report.window_start,
    report.name
limit %(limit)s
offset %(offset)s
