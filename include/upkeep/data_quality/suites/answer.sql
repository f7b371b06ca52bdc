-- Answers of a window, each with the number of its findings: in one column for a breach, in another for the rest.
select
    answer.duty || ' about ' || answer.target as about,
    case when answer.status = 'breach' then count(finding.fingerprint) end as findings_of_breach,
    case when answer.status <> 'breach' then count(finding.fingerprint) end as findings_of_others
from upkeep.answer as answer
left join upkeep.finding as finding
    on finding.duty = answer.duty
    and finding.target = answer.target
    and finding.window_start = answer.window_start
    and finding.window_end = answer.window_end
where answer.cadence = %(cadence)s
and answer.window_start = %(start)s
and answer.window_end = %(end)s
group by
    answer.duty,
    answer.target,
    answer.window_start,
    answer.window_end
order by
    answer.duty,
    answer.target
