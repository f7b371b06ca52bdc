-- Findings of a window with a number or a limit. wild: one of them is NaN or infinite.
select
    finding.duty || ' about ' || finding.target || ': ' || finding.rule || ' ' || finding.object as about,
    coalesce(finding.value in ('NaN', 'Infinity', '-Infinity'), false)
    or coalesce(finding.limit_value in ('NaN', 'Infinity', '-Infinity'), false) as wild
from upkeep.finding as finding
inner join upkeep.answer as answer
    on answer.duty = finding.duty
    and answer.target = finding.target
    and answer.window_start = finding.window_start
    and answer.window_end = finding.window_end
where answer.cadence = %(cadence)s
and answer.window_start = %(start)s
and answer.window_end = %(end)s
order by
    finding.duty,
    finding.target,
    finding.fingerprint
