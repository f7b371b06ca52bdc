-- What the pages need to answer at once with a thousand targets and years of rows.
-- finding_life and findings_as_of read every observation anew. For the present, each pair's lives are kept here, and written anew
-- from all its observations in the transaction that changes one of its answers: a cache that no backfill can corrupt.

create index answer_by_duty on upkeep.answer (duty, window_end) include (status);
create index run_by_run_id on upkeep.run (dag_id, run_id);
create index answer_by_run_id on upkeep.answer (run_id, dag_id);

create view upkeep.finding_now_computed as
with seen as (
    select
        duty,
        target,
        fingerprint,
        window_start,
        window_end,
        lag(window_end) over (partition by duty, target, fingerprint order by window_end, window_start) as before
    from upkeep.finding
),

lived as (
    select
        seen.duty,
        seen.target,
        seen.fingerprint,
        max(seen.window_end) as last_seen,
        min(seen.window_end) as first_seen_ever,
        max(seen.window_end) filter (where started.yes) as first_seen,
        count(*) filter (where started.yes) as episodes
    from seen
    cross join lateral (
        select seen.before is null
        or exists (
            select
            from upkeep.answer as clear
            where clear.duty = seen.duty
            and clear.target = seen.target
            and clear.status <> 'unknown'
            and clear.window_end > seen.before
            and clear.window_end < seen.window_end
        ) as yes
    ) as started
    group by
        seen.duty,
        seen.target,
        seen.fingerprint
)

select
    lived.duty,
    lived.target,
    lived.fingerprint,
    newest.window_start,
    lived.last_seen as window_end,
    newest.rule,
    newest.object,
    newest.severity,
    lived.first_seen,
    lived.first_seen_ever,
    lived.episodes,
    gone.resolved_at
from lived
cross join lateral (
    select
        finding.window_start,
        finding.rule,
        finding.object,
        finding.severity
    from upkeep.finding as finding
    where finding.duty = lived.duty
    and finding.target = lived.target
    and finding.fingerprint = lived.fingerprint
    and finding.window_end = lived.last_seen
    order by finding.window_start desc
    limit 1
) as newest
cross join lateral (
    select min(clear.window_end) as resolved_at
    from upkeep.answer as clear
    where clear.duty = lived.duty
    and clear.target = lived.target
    and clear.status <> 'unknown'
    and clear.window_end > lived.last_seen
) as gone;
comment on view upkeep.finding_now_computed is 'What finding_now must hold, from the observations. Slow over everything, quick for one duty and target.';
comment on column upkeep.finding_now_computed.duty is 'Duty that found it.';
comment on column upkeep.finding_now_computed.target is 'Target it was found on.';
comment on column upkeep.finding_now_computed.fingerprint is 'Identity of the finding.';
comment on column upkeep.finding_now_computed.window_start is 'Start of the window of the newest observation.';
comment on column upkeep.finding_now_computed.window_end is 'End of the window of the newest observation.';
comment on column upkeep.finding_now_computed.rule is 'Kind of thing wrong.';
comment on column upkeep.finding_now_computed.object is 'What is wrong: a table, a slot, a role.';
comment on column upkeep.finding_now_computed.severity is 'How bad, at the newest observation.';
comment on column upkeep.finding_now_computed.first_seen is 'Window end of the first observation of the newest episode.';
comment on column upkeep.finding_now_computed.first_seen_ever is 'Window end of the first observation of all.';
comment on column upkeep.finding_now_computed.episodes is 'How many times it began.';
comment on column upkeep.finding_now_computed.resolved_at is 'Window end of the first later answer that was not unknown; null while it is open.';

create table upkeep.finding_now (
    duty text not null,
    target text not null,
    fingerprint text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    rule text not null,
    object text not null,
    severity upkeep.severity not null,
    first_seen timestamptz not null,
    first_seen_ever timestamptz not null,
    episodes bigint not null,
    resolved_at timestamptz,
    primary key (duty, target, fingerprint)
);
create index finding_now_open on upkeep.finding_now (duty, target) where resolved_at is null;
create index finding_now_resolved on upkeep.finding_now (resolved_at) where resolved_at is not null;
create index finding_now_by_target on upkeep.finding_now (target);
comment on table upkeep.finding_now is 'Life of every finding as it is now, for quick reading; kept by a trigger, and can be made anew with keep_finding_now.';
comment on column upkeep.finding_now.duty is 'Duty that found it.';
comment on column upkeep.finding_now.target is 'Target it was found on.';
comment on column upkeep.finding_now.fingerprint is 'Identity of the finding.';
comment on column upkeep.finding_now.window_start is 'Start of the window of the newest observation.';
comment on column upkeep.finding_now.window_end is 'End of the window of the newest observation.';
comment on column upkeep.finding_now.rule is 'Kind of thing wrong.';
comment on column upkeep.finding_now.object is 'What is wrong: a table, a slot, a role.';
comment on column upkeep.finding_now.severity is 'How bad, at the newest observation.';
comment on column upkeep.finding_now.first_seen is 'Window end of the first observation of the newest episode.';
comment on column upkeep.finding_now.first_seen_ever is 'Window end of the first observation of all.';
comment on column upkeep.finding_now.episodes is 'How many times it began.';
comment on column upkeep.finding_now.resolved_at is 'Window end of the first later answer that was not unknown; null while it is open.';

create function upkeep.keep_finding_now() returns void language sql as $$
    delete from upkeep.finding_now;
    insert into upkeep.finding_now
    select * from upkeep.finding_now_computed;
$$;
comment on function upkeep.keep_finding_now() is 'Make finding_now anew from all observations, after rows were written without triggers.';

-- Of two transactions about one pair the later one must see the rows of the earlier: the lock comes first, then the look.
create function upkeep.keep_finding_now_of_pair() returns trigger language plpgsql as $$
declare
    the_duty constant text := coalesce(new.duty, old.duty);
    the_target constant text := coalesce(new.target, old.target);
begin
    perform pg_advisory_xact_lock(hashtext('upkeep.finding_now'), hashtext(the_duty || e'\x1f' || the_target));
    delete from upkeep.finding_now
    where duty = the_duty
    and target = the_target;
    insert into upkeep.finding_now
    select *
    from upkeep.finding_now_computed
    where duty = the_duty
    and target = the_target;
    return null;
end
$$;
comment on function upkeep.keep_finding_now_of_pair is 'Trigger: write the rows of one duty and target in finding_now anew.';

-- Deferred, since the findings of an answer follow it in the same transaction.
create constraint trigger answer_written
after insert or update or delete on upkeep.answer
deferrable initially deferred
for each row execute function upkeep.keep_finding_now_of_pair();

select upkeep.keep_finding_now();

-- Pages filter and sort by what is here, then fetch the words of the few that are shown from finding and answer.
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
    first_seen_ever timestamptz,
    episodes bigint,
    resolved_at timestamptz,
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
        life.duty,
        life.target,
        life.fingerprint,
        life.window_start,
        life.window_end,
        coalesce(duty.area, ''),
        coalesce(duty.cadence, ''),
        coalesce(target.owner, ''),
        target.runbook,
        life.rule,
        life.object,
        life.severity,
        life.first_seen,
        life.first_seen_ever,
        life.episodes,
        life.resolved_at,
        life.first_seen + due.days * interval '24 hours',
        waiver.expires_on,
        waiver.id,
        coalesce(waiver.holds, false),
        life.resolved_at is null
        and not coalesce(waiver.holds, false)
        and coalesce(life.first_seen + due.days * interval '24 hours' < moment, false),
        life.resolved_at is null
        and not coalesce(waiver.holds, false)
        and coalesce(life.severity >= target.red_at and duty.active and target.active, false),
        coalesce(duty.active and target.active, false)
    from upkeep.finding_now as life
    left join upkeep.duty as duty
        on duty.name = life.duty
    left join upkeep.target as target
        on target.name = life.target
    left join upkeep.due_days as due
        on due.severity = life.severity
    left join lateral upkeep.waiver_for(
        life.duty, life.target, life.rule, life.object, (moment at time zone 'UTC')::date
    ) as waiver
        on true
$$;
comment on function upkeep.findings_now is
'Every finding with its life as the newest answers tell it, judged at a moment (due, waived, red); resolved_at is null for open ones. Quick; for the past use findings_as_of.';
