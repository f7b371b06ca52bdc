-- What was found in one window, worst first, with its life where this window is the newest that saw it.
select
    finding.fingerprint,
    finding.duty,
    finding.target,
    coalesce(duty.area, '') as area,
    coalesce(target.owner, '') as owner,
    target.runbook,
    finding.rule,
    finding.object,
    finding.severity::text as severity,
    finding.title,
    finding.remedy,
    life.first_seen,
    coalesce(life.found_at, finding.found_at) as found_at,
    (
        select count(*)
        from upkeep.episode as episode
        where episode.fingerprint = finding.fingerprint
    ) as episodes,
    life.resolved_at,
    life.gone_at,
    life.due_at,
    life.waived_until,
    coalesce(life.waived, false) as waived,
    coalesce(life.overdue, false) as overdue,
    coalesce(finding.severity >= target.red_at, false) and not coalesce(life.waived, false) as red,
    life.first_seen = finding.window_end as fresh,
    answer.asked_at,
    answer.dag_id,
    answer.run_id,
    answer.task_id,
    answer.map_index,
    count(*) over () as total
from upkeep.answer as answer
inner join upkeep.finding as finding
    on finding.duty = answer.duty
    and finding.target = answer.target
    and finding.window_start = answer.window_start
    and finding.window_end = answer.window_end
left join upkeep.duty as duty
    on duty.name = finding.duty
left join upkeep.target as target
    on target.name = finding.target
left join lateral (
    select findings_now.*
    from upkeep.findings_now(%(now)s)
    where findings_now.duty = finding.duty
    and findings_now.target = finding.target
    and findings_now.fingerprint = finding.fingerprint
    and findings_now.first_seen is distinct from findings_now.resolved_at
    offset 0
) as life
    on true
where answer.cadence = %(cadence)s
and answer.window_start = %(start)s
and answer.window_end = %(end)s
and answer.status = 'breach'
order by
    coalesce(life.waived, false),
    coalesce(finding.severity >= target.red_at, false) desc,
    finding.severity desc,
    area,
    finding.duty,
    finding.target,
    finding.object,
    finding.fingerprint
limit %(limit)s
