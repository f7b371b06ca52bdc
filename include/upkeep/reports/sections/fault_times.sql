-- How long known faults of packages took to be mended, by severity and owner: of those seen gone in the year before the window's end,
-- and how many are open and overdue in answers of the window.
with mended as (
    select
        target.owner,
        newest.severity,
        extract(epoch from episode.resolved_at - newest.first_seen) / 86400 as days
    from upkeep.episode as episode
    inner join upkeep.finding as finding
        on finding.fingerprint = episode.fingerprint
        and finding.window_end = episode.first_seen
    cross join lateral (
        select
            fault.severity,
            fault.first_seen
        from upkeep.vulnerability as fault
        where fault.duty = episode.duty
        and fault.target = episode.target
        and fault.object = finding.object
        and fault.known_then
        and fault.window_end < episode.resolved_at
        order by fault.window_end desc
        limit 1
    ) as newest
    left join upkeep.target as target
        on target.name = episode.target
    where episode.duty = 'vulnerabilities'
    and finding.rule = 'vulnerability'
    and episode.resolved_at <= %(end)s
    and episode.resolved_at > %(end)s::timestamptz - interval '365 days'
),

open_now as (
    select
        target.owner,
        fault.severity,
        fault.due_at < %(end)s as overdue
    from upkeep.vulnerability as fault
    left join upkeep.target as target
        on target.name = fault.target
    where fault.state = 'open'
    and fault.window_start = %(start)s
    and fault.window_end = %(end)s
),

both_kinds as (
    select
        owner,
        severity,
        days,
        false as is_open,
        false as overdue
    from mended
    union all
    select
        owner,
        severity,
        null,
        true,
        overdue
    from open_now
)
select
    coalesce(both_kinds.owner, '') as owner,
    both_kinds.severity::text as severity,
    (count(*) filter (where is_open))::int8 as open_faults,
    (count(*) filter (where overdue))::int8 as overdue,
    count(days)::int8 as mended,
    array_agg(days::float8 order by days) filter (where days is not null) as days
from both_kinds
group by
    coalesce(both_kinds.owner, ''),
    both_kinds.severity
order by
    both_kinds.severity desc,
    coalesce(both_kinds.owner, '')
