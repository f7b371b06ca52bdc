-- What the pages need to answer at once with a thousand targets and years of rows.

create index answer_by_duty on upkeep.answer (duty, window_end) include (status);
create index answer_by_run_id on upkeep.answer (run_id, dag_id);
create index run_by_run_id on upkeep.run (dag_id, run_id);
create index episode_open on upkeep.episode (duty, target) where resolved_at is null;
create index episode_resolved on upkeep.episode (resolved_at) where resolved_at is not null;
-- The newest observation of a finding is looked up for every open one: from the index alone, in its order.
drop index upkeep.finding_by_fingerprint;
create index finding_by_fingerprint on upkeep.finding (fingerprint, window_end, window_start) include (rule, object, severity, due_by);
create index report_by_window on upkeep.report (window_end desc, cadence);

-- Pages filter and sort by what is here, and fetch the words of the few that they show afterwards.
create function upkeep.findings_now(moment timestamptz)
returns table (
    duty text,
    target text,
    fingerprint text,
    window_start timestamptz,
    window_end timestamptz,
    area text,
    cadence text,
    owner text,
    runbook text,
    rule text,
    object text,
    severity upkeep.severity,
    first_seen timestamptz,
    found_at timestamptz,
    resolved_at timestamptz,
    gone_at timestamptz,
    due_at timestamptz,
    waived_until date,
    waiver_id text,
    waived boolean,
    overdue boolean,
    red boolean,
    active boolean
)
language sql stable as $$
    select
        episode.duty,
        episode.target,
        episode.fingerprint,
        newest.window_start,
        newest.window_end,
        coalesce(duty.area, ''),
        coalesce(duty.cadence, ''),
        coalesce(target.owner, ''),
        target.runbook,
        newest.rule,
        newest.object,
        newest.severity,
        episode.first_seen,
        episode.found_at,
        episode.resolved_at,
        case when episode.resolved_at is not null then upkeep.gone_at(episode.duty, episode.target, episode.resolved_at) end,
        judged.due_at,
        waiver.expires_on,
        waiver.id,
        coalesce(waiver.holds, false),
        episode.resolved_at is null
        and not coalesce(waiver.holds, false)
        and coalesce(judged.due_at < moment, false),
        episode.resolved_at is null
        and not coalesce(waiver.holds, false)
        and coalesce(newest.severity >= target.red_at and duty.active and target.active, false),
        coalesce(duty.active and target.active, false)
    from upkeep.episode as episode
    cross join lateral (
        select
            finding.window_start,
            finding.window_end,
            finding.rule,
            finding.object,
            finding.severity,
            finding.due_by
        from upkeep.finding as finding
        where finding.fingerprint = episode.fingerprint
        order by
            finding.window_end desc,
            finding.window_start desc
        limit 1
    ) as newest
    left join upkeep.duty as duty
        on duty.name = episode.duty
    left join upkeep.target as target
        on target.name = episode.target
    left join upkeep.due_days as due
        on due.severity = newest.severity
    cross join lateral (
        select least(episode.found_at + due.days * interval '24 hours', newest.due_by) as due_at
    ) as judged
    left join lateral upkeep.waiver_for(
        episode.duty, episode.target, newest.rule, newest.object, (moment at time zone 'UTC')::date
    ) as waiver
        on true
    where episode.resolved_at is null
    or not exists (
        select
        from upkeep.episode as later
        where later.fingerprint = episode.fingerprint
        and later.first_seen > episode.first_seen
    )
    union all
    select
        mended.duty,
        mended.target,
        mended.fingerprint,
        mended.window_start,
        mended.window_end,
        coalesce(duty.area, ''),
        coalesce(duty.cadence, ''),
        coalesce(target.owner, ''),
        target.runbook,
        mended.rule,
        mended.object,
        mended.severity,
        mended.window_end,
        mended.found_at,
        mended.window_end,
        mended.gone_at,
        null,
        null,
        null,
        false,
        false,
        false,
        coalesce(duty.active and target.active, false)
    from upkeep.mended_finding as mended
    left join upkeep.duty as duty
        on duty.name = mended.duty
    left join upkeep.target as target
        on target.name = mended.target
    where not exists (
        select
        from upkeep.episode as later
        where later.fingerprint = mended.fingerprint
        and later.first_seen > mended.window_end
    )
$$;
comment on function upkeep.findings_now is
'Every finding in its newest episode, or mended within a window, judged at a moment (due, waived, red); resolved_at is null for open ones. Lean and quick, for the present; for the past use findings_as_of.';
