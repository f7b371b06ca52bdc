-- What became of findings in a window, by severity: open before, found, resolved and how fast, open after, overdue.
-- A finding counts with the severity that it had last. `days` are from its first observation to the first answer without it.
with life as (
    select
        episode.first_seen,
        case when episode.resolved_at <= %(end)s then episode.resolved_at end as resolved_at,
        newest.severity
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
    avg(extract(epoch from life.resolved_at - life.first_seen) / 86400)::float8 as mean_days,
    percentile_cont(0.5) within group (order by extract(epoch from life.resolved_at - life.first_seen) / 86400)::float8 as median_days
from unnest(enum_range(null::upkeep.severity)) as severity (label)
left join life
    on life.severity = severity.label
left join overdue
    on overdue.severity = severity.label
group by severity.label
order by severity.label desc
