-- Findings that pass the filters, a page of them, worst first or as asked, with the words and provenance of their newest observation.
with shown as materialized (
    select
        *,
        count(*) over () as total
    from upkeep.findings_now(%(now)s)
    where case %(state)s
        when 'open' then resolved_at is null and active and not waived
        when 'red' then resolved_at is null and red
        when 'overdue' then resolved_at is null and active and overdue
        when 'waived' then resolved_at is null and active and waived
        when 'resolved' then gone_at > %(now)s - interval '30 days'
        else resolved_at is null or gone_at > %(now)s - interval '30 days'
    end
    and (%(severity)s::text is null or severity::text = %(severity)s)
    and (%(owner)s::text is null or owner = %(owner)s)
    and (%(area)s::text is null or area = %(area)s)
    and (%(duty)s::text is null or duty = %(duty)s)
    and (%(target)s::text is null or target = %(target)s)
    and (
        %(text)s::text is null
        or position(lower(%(text)s) in lower(concat_ws(' ', duty, target, rule, object, owner))) > 0
    )
    order by
        case when %(sort)s = 'found' then found_at end,
        case when %(sort)s = 'due' then due_at end,
        case when %(sort)s = 'target' then target end,
        case when %(sort)s = 'resolved' then gone_at end desc,
        red desc,
        severity desc,
        found_at,
        target,
        duty,
        object,
        fingerprint
    limit %(limit)s
    offset %(offset)s
)

select
    shown.duty,
    shown.target,
    shown.fingerprint,
    shown.window_start,
    shown.window_end,
    shown.area,
    shown.cadence,
    shown.owner,
    shown.runbook,
    shown.rule,
    shown.object,
    shown.severity::text as severity,
    shown.first_seen,
    shown.found_at,
    past.episodes,
    shown.resolved_at,
    shown.gone_at,
    shown.due_at,
    shown.waived_until,
    shown.waived,
    shown.overdue,
    shown.red,
    shown.total,
    coalesce(finding.title, mended.title) as title,
    coalesce(finding.remedy, mended.remedy) as remedy,
    answer.asked_at,
    answer.dag_id,
    answer.run_id,
    answer.task_id,
    answer.map_index
from shown
cross join lateral (
    select count(*) as episodes
    from upkeep.episode as episode
    where episode.fingerprint = shown.fingerprint
) as past
left join upkeep.finding as finding
    on finding.duty = shown.duty
    and finding.target = shown.target
    and finding.window_start = shown.window_start
    and finding.window_end = shown.window_end
    and finding.fingerprint = shown.fingerprint
left join upkeep.replaced_finding as mended
    on mended.duty = shown.duty
    and mended.target = shown.target
    and mended.window_start = shown.window_start
    and mended.window_end = shown.window_end
    and mended.fingerprint = shown.fingerprint
inner join upkeep.answer as answer
    on answer.duty = shown.duty
    and answer.target = shown.target
    and answer.window_start = shown.window_start
    and answer.window_end = shown.window_end
order by
    case when %(sort)s = 'found' then shown.found_at end,
    case when %(sort)s = 'due' then shown.due_at end,
    case when %(sort)s = 'target' then shown.target end,
    case when %(sort)s = 'resolved' then shown.gone_at end desc,
    shown.red desc,
    shown.severity desc,
    shown.found_at,
    shown.target,
    shown.duty,
    shown.object,
    shown.fingerprint
