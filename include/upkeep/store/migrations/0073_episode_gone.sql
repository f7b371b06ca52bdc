-- When a finding was seen to be gone stands in its episode: looked up for every one that ever ended, it took a page of the newest seconds.
alter table upkeep.episode add column gone_at timestamptz;
comment on column upkeep.episode.gone_at is
'When an answer that was not unknown was first given for the window at whose end it was resolved; null while it is open.';

-- By it the episodes that ended with one window are found without a look at a pair's whole past.
create index episode_by_resolved on upkeep.episode (duty, target, resolved_at) where resolved_at is not null;

create function upkeep.tell_gone() returns trigger
language plpgsql as $$
begin
    new.gone_at := case when new.resolved_at is not null then upkeep.gone_at(new.duty, new.target, new.resolved_at) end;
    return new;
end
$$;
comment on function upkeep.tell_gone is 'Trigger: an episode that is told says when it was seen to be gone.';
create trigger gone before insert or update on upkeep.episode
for each row execute function upkeep.tell_gone();

create function upkeep.tell_gone_again(the_duty text, the_target text, the_end timestamptz) returns void
language plpgsql as $$
begin
    update upkeep.episode as episode
    set gone_at = null
    where episode.duty = the_duty
    and episode.target = the_target
    and episode.resolved_at = the_end
    and episode.gone_at is distinct from upkeep.gone_at(the_duty, the_target, the_end);
end
$$;
comment on function upkeep.tell_gone_again is
'Let the trigger of episode tell anew when findings that ended with a window were seen to be gone.';

create function upkeep.retell_gone() returns trigger
language plpgsql as $$
begin
    perform upkeep.tell_gone_again(said.duty, said.target, said.window_end)
    from (select distinct changed.duty, changed.target, changed.window_end from changed) as said;
    return null;
end
$$;
comment on function upkeep.retell_gone is 'Trigger: an answer more or less for a window may be another moment at which a finding was seen to be gone.';

-- Most updates, such as dropping old evidence, change no moment.
create function upkeep.retell_updated_gone() returns trigger
language plpgsql as $$
begin
    perform upkeep.tell_gone_again(moved.duty, moved.target, moved.window_end)
    from (
        select distinct
            told.duty,
            told.target,
            told.window_end
        from (
            (
                select was.duty, was.target, was.window_end, was.asked_at, was.status = 'unknown' as silent from was
                except
                select became.duty, became.target, became.window_end, became.asked_at, became.status = 'unknown' from became
            )
            union all
            (
                select became.duty, became.target, became.window_end, became.asked_at, became.status = 'unknown' from became
                except
                select was.duty, was.target, was.window_end, was.asked_at, was.status = 'unknown' from was
            )
        ) as told
    ) as moved;
    return null;
end
$$;
comment on function upkeep.retell_updated_gone is 'Trigger: the same for answers that were given at another moment, or became unknown, or known.';

create trigger tell_gone_inserted after insert on upkeep.answer
referencing new table as changed for each statement execute function upkeep.retell_gone();
create trigger tell_gone_updated after update on upkeep.answer
referencing old table as was new table as became for each statement execute function upkeep.retell_updated_gone();
create trigger tell_gone_deleted after delete on upkeep.answer
referencing old table as changed for each statement execute function upkeep.retell_gone();

-- The trigger tells it of every episode that ended.
update upkeep.episode
set gone_at = null
where resolved_at is not null;

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
        episode.gone_at,
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
