-- One stored report, and the run that it belongs to.
select
    report.cadence,
    report.window_start,
    report.window_end,
    report.name,
    report.title,
    report.markdown,
    report.content,
    run.dag_id,
    run.run_id
from upkeep.report as report
left join upkeep.run as run
    on run.cadence = report.cadence
    and run.window_start = report.window_start
    and run.window_end = report.window_end
where report.cadence = %(cadence)s
and (%(start)s::timestamptz is null or report.window_start = %(start)s)
and report.window_end = %(end)s
and report.name = %(name)s
order by report.window_start desc
limit 1
