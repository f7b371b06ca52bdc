-- A duty that keeps a clock of its own, which may stand still or have days of its target, alone says when its finding is due.
alter table upkeep.finding add column own_clock boolean not null default false;
comment on column upkeep.finding.own_clock is 'Whether due_by alone says when it must be gone, however bad it is; without due_by it is then due at no time.';
comment on column upkeep.finding.due_by is 'When it must be gone at the latest, or exactly then with own_clock; null when its severity alone decides, or its own clock stands still.';
comment on column upkeep.finding_life.due_at is 'When it must be gone: found_at plus the days for its severity, or due_by of the newest observation when that is earlier; with own_clock due_by alone.';

-- The newest observation of a finding is looked up for every open one: from the index alone, in its order.
drop index upkeep.finding_by_fingerprint;
create index finding_by_fingerprint on upkeep.finding (fingerprint, window_end, window_start)
include (rule, object, severity, due_by, own_clock);

-- What was found before is due as it was: from the rows that have kept the clock.
update upkeep.finding as finding
set
    due_by = fault.due_at,
    own_clock = true
from upkeep.vulnerability as fault
where fault.duty = finding.duty
and fault.target = finding.target
and fault.window_start = finding.window_start
and fault.window_end = finding.window_end
and fault.object = finding.object
and finding.rule = 'vulnerability'
and finding.duty = 'vulnerabilities';

create or replace function upkeep.finding_life_as_of(moment timestamptz)
returns table (
    fingerprint text,
    duty text,
    area text,
    cadence text,
    target text,
    owner text,
    rule text,
    object text,
    severity upkeep.severity,
    title text,
    remedy text,
    value double precision,
    limit_value double precision,
    unit text,
    first_seen timestamptz,
    found_at timestamptz,
    first_seen_ever timestamptz,
    last_seen timestamptz,
    episodes bigint,
    reopened bigint,
    resolved_at timestamptz,
    gone_at timestamptz,
    due_at timestamptz,
    waived_until date,
    waiver_id text,
    waiver_reason text,
    state text,
    red_at upkeep.severity
)
language sql stable as $$
    select
        episode.fingerprint,
        episode.duty,
        duty.area,
        answer.cadence,
        episode.target,
        target.owner,
        newest.rule,
        newest.object,
        newest.severity,
        newest.title,
        newest.remedy,
        newest.value,
        newest.limit_value,
        newest.unit,
        episode.first_seen,
        episode.found_at,
        life.first_seen_ever,
        newest.window_end as last_seen,
        life.episodes,
        life.episodes - 1 as reopened,
        case when episode.resolved_at <= moment then episode.resolved_at end as resolved_at,
        case when episode.resolved_at <= moment then upkeep.gone_at(episode.duty, episode.target, episode.resolved_at) end as gone_at,
        case
            when newest.own_clock then newest.due_by
            else least(episode.found_at + due.days * interval '24 hours', newest.due_by)
        end as due_at,
        waiver.expires_on as waived_until,
        waiver.id as waiver_id,
        waiver.reason as waiver_reason,
        case when episode.resolved_at <= moment then 'resolved' else 'open' end as state,
        target.red_at
    from upkeep.episode as episode
    cross join lateral (
        select
            count(*) as episodes,
            min(one.first_seen) as first_seen_ever
        from upkeep.episode as one
        where one.fingerprint = episode.fingerprint
        and one.first_seen <= moment
    ) as life
    cross join lateral (
        select
            finding.window_start,
            finding.window_end,
            finding.rule,
            finding.object,
            finding.severity,
            finding.title,
            finding.remedy,
            finding.value,
            finding.limit_value,
            finding.unit,
            finding.due_by,
            finding.own_clock
        from upkeep.finding as finding
        where finding.fingerprint = episode.fingerprint
        and finding.window_end <= moment
        order by
            finding.window_end desc,
            finding.window_start desc
        limit 1
    ) as newest
    inner join upkeep.answer as answer
        on answer.duty = episode.duty
        and answer.target = episode.target
        and answer.window_start = newest.window_start
        and answer.window_end = newest.window_end
    left join lateral upkeep.waiver_for(
        episode.duty, episode.target, newest.rule, newest.object, (moment at time zone 'UTC')::date
    ) as waiver
        on true
    left join upkeep.duty as duty
        on duty.name = episode.duty
    left join upkeep.target as target
        on target.name = episode.target
    left join upkeep.due_days as due
        on due.severity = newest.severity
    where episode.first_seen <= moment
    and not exists (
        select
        from upkeep.episode as later
        where later.fingerprint = episode.fingerprint
        and later.first_seen > episode.first_seen
        and later.first_seen <= moment
    )
$$;

create or replace function upkeep.findings_now(moment timestamptz)
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
            finding.due_by,
            finding.own_clock
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
        select
            case
                when newest.own_clock then newest.due_by
                else least(episode.found_at + due.days * interval '24 hours', newest.due_by)
            end as due_at
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
