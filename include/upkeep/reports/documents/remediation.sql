-- What became of findings in a window, by severity: open before, found, resolved and how fast, open after, overdue.
-- A finding counts with the severity that it had last. `days` are from when it was first found to when it was first
-- seen to be gone. What was found and mended within one window counts as both.
with life as (
    select
        episode.first_seen,
        case when episode.resolved_at <= %(end)s then episode.resolved_at end as resolved_at,
        newest.severity,
        episode.gone_at - episode.found_at as lasted
    from upkeep.episode as episode
    cross join lateral (
        select finding.severity
        from upkeep.finding as finding
        where finding.duty = episode.duty
        and finding.target = episode.target
        and finding.fingerprint = episode.fingerprint
        and finding.window_end <= %(end)s
        order by finding.window_end desc
        limit 1
    ) as newest
    where episode.first_seen <= %(end)s
    and (episode.resolved_at is null or episode.resolved_at > %(start)s)
    union all
    select
        mended.window_end,
        mended.window_end,
        mended.severity,
        mended.gone_at - mended.found_at
    from upkeep.mended_finding as mended
    where mended.window_end > %(start)s
    and mended.window_end <= %(end)s
),
overdue as (
    select
        late.severity,
        count(*) as findings
    from upkeep.findings_as_of(%(end)s) as late
    where late.overdue
    and late.active
    group by late.severity
)
select
    severity.label::text as severity,
    count(*) filter (where life.first_seen <= %(start)s) as open_before,
    count(*) filter (where life.first_seen > %(start)s) as found,
    count(*) filter (where life.resolved_at is not null) as resolved,
    count(*) filter (where life.first_seen is not null and life.resolved_at is null) as open_after,
    coalesce(max(overdue.findings), 0) as overdue,
    avg(days.lasted) as mean_days,
    percentile_cont(0.5) within group (order by days.lasted) as median_days
from unnest(enum_range(null::upkeep.severity)) as severity (label)
left join life
    on life.severity = severity.label
left join overdue
    on overdue.severity = severity.label
cross join lateral (
    -- What an answer about an earlier window found last of all cannot have lasted less than nothing.
    select case
        when life.resolved_at is not null then greatest(extract(epoch from life.lasted) / 86400, 0)::float8
    end as lasted
) as days
group by severity.label
order by severity.label desc
