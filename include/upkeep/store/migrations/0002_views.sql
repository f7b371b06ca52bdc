-- What people read: views and functions over the tables. Nothing here asks what time it is: a moment is always given by the reader,
-- so that a past window can be looked at as it was.

create index answer_conclusive on upkeep.answer (duty, target, window_end) where status <> 'unknown';
create index metric_by_moment on upkeep.metric using brin (at) with (pages_per_range = 32);

create view upkeep.latest_run as
select distinct on (cadence)
    cadence,
    window_start,
    window_end,
    dag_id,
    run_id,
    run_type,
    started_at,
    finished_at,
    again_at,
    reported_at,
    finished_at is null or coalesce(again_at > reported_at, false) as under_way
from upkeep.run
order by
    cadence,
    window_end desc,
    window_start desc;
comment on view upkeep.latest_run is 'The run of the newest window of each cadence; it may still be under way.';
comment on column upkeep.latest_run.cadence is 'How often it runs; the id of its DAG.';
comment on column upkeep.latest_run.window_start is 'Start of the window, included.';
comment on column upkeep.latest_run.window_end is 'End of the window, excluded.';
comment on column upkeep.latest_run.dag_id is 'Airflow DAG.';
comment on column upkeep.latest_run.run_id is 'Airflow run.';
comment on column upkeep.latest_run.run_type is 'scheduled, manual, backfill or asset_triggered, as Airflow says; made up: it never was, the demo made it up.';
comment on column upkeep.latest_run.started_at is 'When the run first began its work, however often it was cleared.';
comment on column upkeep.latest_run.finished_at is 'When its report was first stored, however often it was cleared; null before.';
comment on column upkeep.latest_run.again_at is 'When it last began again, since it was cleared or tried anew; null when it never did.';
comment on column upkeep.latest_run.reported_at is 'When its report was last stored; null before.';
comment on column upkeep.latest_run.under_way is 'Whether it has begun, or begun again, and not stored its report since.';

create view upkeep.current_answer as
select
    answer.duty,
    answer.target,
    answer.window_start,
    answer.window_end,
    answer.cadence,
    answer.status,
    answer.summary,
    answer.evidence,
    answer.asked_at,
    answer.seconds,
    answer.dag_id,
    answer.run_id,
    answer.task_id,
    answer.map_index,
    answer.try_number,
    duty.area,
    duty.kind,
    duty.title,
    duty.dated,
    target.owner,
    target.owner_slack,
    target.red_at,
    target.tags,
    target.runbook
from upkeep.latest_run as run
inner join upkeep.answer as answer
    on answer.cadence = run.cadence
    and answer.window_end = run.window_end
    and answer.window_start = run.window_start
left join upkeep.duty as duty
    on duty.name = answer.duty
left join upkeep.target as target
    on target.name = answer.target;
comment on view upkeep.current_answer is 'Answers of the newest window of each cadence, with what is known of their duty and target.';
comment on column upkeep.current_answer.duty is 'Duty that was asked.';
comment on column upkeep.current_answer.target is 'Target it was asked about.';
comment on column upkeep.current_answer.window_start is 'Start of the window, included.';
comment on column upkeep.current_answer.window_end is 'End of the window, excluded.';
comment on column upkeep.current_answer.cadence is 'Cadence of the duty.';
comment on column upkeep.current_answer.status is 'ok, breach or unknown.';
comment on column upkeep.current_answer.summary is 'One line with numbers; for unknown, the reason.';
comment on column upkeep.current_answer.evidence is 'What was seen, as the duty kept it.';
comment on column upkeep.current_answer.asked_at is 'Provenance: when it was asked.';
comment on column upkeep.current_answer.seconds is 'Provenance: how long asking took, in seconds.';
comment on column upkeep.current_answer.dag_id is 'Provenance: Airflow DAG.';
comment on column upkeep.current_answer.run_id is 'Provenance: Airflow run.';
comment on column upkeep.current_answer.task_id is 'Provenance: Airflow task.';
comment on column upkeep.current_answer.map_index is 'Provenance: index of the mapped task instance.';
comment on column upkeep.current_answer.try_number is 'Provenance: which try of the task.';
comment on column upkeep.current_answer.area is 'Area of the duty; null when the duty was never declared.';
comment on column upkeep.current_answer.kind is 'check, job or review.';
comment on column upkeep.current_answer.title is 'First line of the text of the duty.';
comment on column upkeep.current_answer.dated is 'Whether the duty can be asked about past windows.';
comment on column upkeep.current_answer.owner is 'Person responsible for the target; null when the target was never declared.';
comment on column upkeep.current_answer.owner_slack is 'Slack id of the owner.';
comment on column upkeep.current_answer.red_at is 'From this severity on, a finding turns the task red.';
comment on column upkeep.current_answer.tags is 'Words to select and group the target by.';
comment on column upkeep.current_answer.runbook is 'Link to what to do.';

-- Life is found by going through all observations, which is slow over a year of them. So it is kept: worked out anew around each window
-- whose answer or findings change, in whatever order windows come in.
create table upkeep.episode (
    duty text not null,
    target text not null,
    fingerprint text not null,
    first_seen timestamptz not null,
    resolved_at timestamptz,
    found_at timestamptz not null,
    primary key (fingerprint, first_seen)
);
create index episode_by_target on upkeep.episode (duty, target, first_seen);
create index episode_by_end on upkeep.episode (coalesce(resolved_at, 'infinity'::timestamptz));
comment on table upkeep.episode is
'Times during which a finding was there without a break. Kept by triggers on answer and finding and made of nothing else, so that nobody writes it and a backfill cannot corrupt it. An unknown answer neither ends an episode nor continues it.';
comment on column upkeep.episode.duty is 'Duty that found it.';
comment on column upkeep.episode.target is 'Target it was found on.';
comment on column upkeep.episode.fingerprint is 'The finding.';
comment on column upkeep.episode.first_seen is 'Window end of the first observation of the episode.';
comment on column upkeep.episode.resolved_at is 'Window end of the first later answer that was not unknown and did not have it; null while it is open.';
comment on column upkeep.episode.found_at is
'When it was first found: the moment that its age is counted from. A window may have ended long before somebody asked about it.';

create function upkeep.retell(duties text[], targets text[]) returns void
language sql as $$
    with pair as (
        select
            pair.duty,
            pair.target
        from unnest(duties, targets) as pair (duty, target)
    ),

    observed as (
        select
            finding.duty,
            finding.target,
            finding.fingerprint,
            finding.window_end,
            min(finding.found_at) as found_at
        from pair
        inner join upkeep.finding as finding
            on finding.duty = pair.duty
            and finding.target = pair.target
        group by
            finding.duty,
            finding.target,
            finding.fingerprint,
            finding.window_end
    ),

    spoken as (
        select
            said.duty,
            said.target,
            said.window_end,
            row_number() over each_pair as place,
            lead(said.window_end, 1, 'infinity') over each_pair as next_end
        from (
            select
                answer.duty,
                answer.target,
                answer.window_end
            from pair
            inner join upkeep.answer as answer
                on answer.duty = pair.duty
                and answer.target = pair.target
                and answer.status <> 'unknown'
            union
            select
                observed.duty,
                observed.target,
                observed.window_end
            from observed
        ) as said
        window each_pair as (partition by said.duty, said.target order by said.window_end)
    ),

    placed as (
        select
            observed.duty,
            observed.target,
            observed.fingerprint,
            observed.window_end,
            observed.found_at,
            spoken.next_end,
            spoken.place - row_number() over (
                partition by observed.duty, observed.target, observed.fingerprint
                order by observed.window_end
            ) as island
        from observed
        inner join spoken
            on spoken.duty = observed.duty
            and spoken.target = observed.target
            and spoken.window_end = observed.window_end
    ),

    told as (
        select
            placed.duty,
            placed.target,
            placed.fingerprint,
            min(placed.window_end) as first_seen,
            nullif(max(placed.next_end), 'infinity') as resolved_at,
            min(placed.found_at) as found_at
        from placed
        group by
            placed.duty,
            placed.target,
            placed.fingerprint,
            placed.island
    ),

    untold as (
        delete from upkeep.episode as episode
        using pair
        where episode.duty = pair.duty
        and episode.target = pair.target
        and not exists (
            select
            from told
            where told.fingerprint = episode.fingerprint
            and told.first_seen = episode.first_seen
        )
    )

    insert into upkeep.episode as episode (duty, target, fingerprint, first_seen, resolved_at, found_at)
    select
        told.duty,
        told.target,
        told.fingerprint,
        told.first_seen,
        told.resolved_at,
        told.found_at
    from told
    on conflict (fingerprint, first_seen) do update
    set
        resolved_at = excluded.resolved_at,
        found_at = excluded.found_at
    where (episode.resolved_at, episode.found_at) is distinct from (excluded.resolved_at, excluded.found_at)
$$;
comment on function upkeep.retell is
'Work out all episodes of some pairs of duty and target anew, from their whole past. For repair and after loading rows in bulk; writers only need what lies around the windows that they changed (retell_between).';

-- What was wrong before the first changed window and after the last one stays as it was told; only the episodes that touch the changed
-- windows or their neighbours are worked out. So its cost does not grow with a pair's past.
create function upkeep.retell_between(the_duty text, the_target text, first_end timestamptz, last_end timestamptz)
returns void
language plpgsql as $$
declare
    -- The neighbours: the nearest windows outside the changed ones that said something.
    before constant timestamptz := greatest(
        (
            select max(answer.window_end)
            from upkeep.answer as answer
            where answer.duty = the_duty
            and answer.target = the_target
            and answer.window_end < first_end
            and answer.status <> 'unknown'
        ),
        (
            select max(finding.window_end)
            from upkeep.finding as finding
            where finding.duty = the_duty
            and finding.target = the_target
            and finding.window_end < first_end
        ),
        '-infinity'
    );
    after constant timestamptz := least(
        (
            select min(answer.window_end)
            from upkeep.answer as answer
            where answer.duty = the_duty
            and answer.target = the_target
            and answer.window_end > last_end
            and answer.status <> 'unknown'
        ),
        (
            select min(finding.window_end)
            from upkeep.finding as finding
            where finding.duty = the_duty
            and finding.target = the_target
            and finding.window_end > last_end
        ),
        'infinity'
    );
begin
    with observed as (
        select
            finding.fingerprint,
            finding.window_end,
            min(finding.found_at) as found_at
        from upkeep.finding as finding
        where finding.duty = the_duty
        and finding.target = the_target
        and finding.window_end between before and after
        group by
            finding.fingerprint,
            finding.window_end
    ),

    spoken as (
        select
            said.window_end,
            row_number() over (order by said.window_end) as place,
            lead(said.window_end, 1, 'infinity') over (order by said.window_end) as next_end
        from (
            select answer.window_end
            from upkeep.answer as answer
            where answer.duty = the_duty
            and answer.target = the_target
            and answer.window_end between before and after
            and answer.status <> 'unknown'
            union
            select observed.window_end
            from observed
        ) as said
    ),

    placed as (
        select
            observed.fingerprint,
            observed.window_end,
            observed.found_at,
            spoken.next_end,
            spoken.place - row_number() over (partition by observed.fingerprint order by observed.window_end) as island
        from observed
        inner join spoken
            on spoken.window_end = observed.window_end
    ),

    seen as (
        select
            placed.fingerprint,
            min(placed.window_end) as first_seen,
            max(placed.window_end) as last_seen,
            nullif(max(placed.next_end), 'infinity') as next_end,
            min(placed.found_at) as found_at
        from placed
        group by
            placed.fingerprint,
            placed.island
    ),

    -- An episode that was there before began where it was told to begin; one that goes on afterwards ends where it was told to end.
    -- Of an episode that goes on beyond, the part that is not looked at here may have been found earlier: what was told of it holds
    -- while all of it still belongs together.
    told as (
        select
            seen.fingerprint,
            case when seen.first_seen = before then coalesce(old_start.first_seen, before) else seen.first_seen end as first_seen,
            case when seen.last_seen = after then old_end.resolved_at else seen.next_end end as resolved_at,
            least(
                seen.found_at,
                case when seen.first_seen = before then old_start.found_at end,
                case when seen.last_seen = after and old_end.first_seen >= seen.first_seen then old_end.found_at end
            ) as found_at
        from seen
        left join lateral (
            select
                episode.first_seen,
                episode.found_at
            from upkeep.episode as episode
            where episode.fingerprint = seen.fingerprint
            and episode.first_seen <= before
            order by episode.first_seen desc
            limit 1
        ) as old_start
            on true
        left join lateral (
            select
                episode.first_seen,
                episode.resolved_at,
                episode.found_at
            from upkeep.episode as episode
            where episode.fingerprint = seen.fingerprint
            and episode.first_seen <= after
            order by episode.first_seen desc
            limit 1
        ) as old_end
            on true
    ),

    untold as (
        delete from upkeep.episode as episode
        where episode.duty = the_duty
        and episode.target = the_target
        and episode.first_seen > before
        and episode.first_seen <= after
        and not exists (
            select
            from told
            where told.fingerprint = episode.fingerprint
            and told.first_seen = episode.first_seen
        )
    )

    insert into upkeep.episode as episode (duty, target, fingerprint, first_seen, resolved_at, found_at)
    select
        the_duty,
        the_target,
        told.fingerprint,
        told.first_seen,
        told.resolved_at,
        told.found_at
    from told
    on conflict (fingerprint, first_seen) do update
    set
        resolved_at = excluded.resolved_at,
        found_at = excluded.found_at
    where (episode.resolved_at, episode.found_at) is distinct from (excluded.resolved_at, excluded.found_at);
end
$$;
comment on function upkeep.retell_between is
'Work out anew the episodes of one duty and target that touch its windows between two ends, when nothing else of the pair has changed.';

create type upkeep.changed_windows as (duty text, target text, first_end timestamptz, last_end timestamptz);
comment on type upkeep.changed_windows is 'A duty and target and the first and last end of its windows that a statement changed.';

-- Whoever writes about a pair waits for others who do, so that the last one sees what all of them wrote.
create function upkeep.retell_all(changes upkeep.changed_windows[]) returns void
language plpgsql as $$
declare
    change upkeep.changed_windows;
begin
    if cardinality(changes) = 1 then
        lock table upkeep.episode in row exclusive mode;
        change := changes[1];
        perform pg_advisory_xact_lock(hashtextextended('upkeep.episode ' || change.duty || ' ' || change.target, 0));
    elsif cardinality(changes) > 1 then
        lock table upkeep.episode in share row exclusive mode;
    end if;
    foreach change in array coalesce(changes, '{}') loop
        perform upkeep.retell_between(change.duty, change.target, change.first_end, change.last_end);
    end loop;
end
$$;
comment on function upkeep.retell_all is 'Work out the episodes around changed windows, one writer of a pair at a time.';

create function upkeep.retell_changed() returns trigger
language plpgsql as $$
begin
    perform upkeep.retell_all(
        array_agg((pair.duty, pair.target, pair.first_end, pair.last_end)::upkeep.changed_windows order by pair.duty, pair.target)
    )
    from (
        select
            changed.duty,
            changed.target,
            min(changed.window_end) as first_end,
            max(changed.window_end) as last_end
        from changed
        group by
            changed.duty,
            changed.target
    ) as pair;
    return null;
end
$$;
comment on function upkeep.retell_changed is 'Trigger: keep episode in line with the answers or findings that a statement added or removed.';

-- Most updates, such as dropping old evidence, change nothing that episodes are made of.
create function upkeep.retell_updated_answers() returns trigger
language plpgsql as $$
begin
    perform upkeep.retell_all(
        array_agg((pair.duty, pair.target, pair.first_end, pair.last_end)::upkeep.changed_windows order by pair.duty, pair.target)
    )
    from (
        select
            moved.duty,
            moved.target,
            min(moved.window_end) as first_end,
            max(moved.window_end) as last_end
        from (
            (
                select was.duty, was.target, was.window_start, was.window_end, was.status = 'unknown' as silent from was
                except
                select became.duty, became.target, became.window_start, became.window_end, became.status = 'unknown' from became
            )
            union all
            (
                select became.duty, became.target, became.window_start, became.window_end, became.status = 'unknown' from became
                except
                select was.duty, was.target, was.window_start, was.window_end, was.status = 'unknown' from was
            )
        ) as moved
        group by
            moved.duty,
            moved.target
    ) as pair;
    return null;
end
$$;
comment on function upkeep.retell_updated_answers is 'Trigger: keep episode in line with answers that became unknown, or known, or moved.';

create function upkeep.retell_updated_findings() returns trigger
language plpgsql as $$
begin
    perform upkeep.retell_all(
        array_agg((pair.duty, pair.target, pair.first_end, pair.last_end)::upkeep.changed_windows order by pair.duty, pair.target)
    )
    from (
        select
            moved.duty,
            moved.target,
            min(moved.window_end) as first_end,
            max(moved.window_end) as last_end
        from (
            (
                select was.duty, was.target, was.window_start, was.window_end, was.fingerprint from was
                except
                select became.duty, became.target, became.window_start, became.window_end, became.fingerprint from became
            )
            union all
            (
                select became.duty, became.target, became.window_start, became.window_end, became.fingerprint from became
                except
                select was.duty, was.target, was.window_start, was.window_end, was.fingerprint from was
            )
        ) as moved
        group by
            moved.duty,
            moved.target
    ) as pair;
    return null;
end
$$;
comment on function upkeep.retell_updated_findings is 'Trigger: keep episode in line with findings whose key was changed.';

create trigger retell_inserted after insert on upkeep.answer
referencing new table as changed for each statement execute function upkeep.retell_changed();
create trigger retell_updated after update on upkeep.answer
referencing old table as was new table as became for each statement execute function upkeep.retell_updated_answers();
create trigger retell_deleted after delete on upkeep.answer
referencing old table as changed for each statement execute function upkeep.retell_changed();
create trigger retell_inserted after insert on upkeep.finding
referencing new table as changed for each statement execute function upkeep.retell_changed();
create trigger retell_updated after update on upkeep.finding
referencing old table as was new table as became for each statement execute function upkeep.retell_updated_findings();
create trigger retell_deleted after delete on upkeep.finding
referencing old table as changed for each statement execute function upkeep.retell_changed();

-- Of several waivers the one that holds on the day is taken, then the one that holds longest.
create function upkeep.waiver_for(the_duty text, the_target text, the_rule text, the_object text, the_day date)
returns table (id text, reason text, expires_on date, holds boolean)
language sql stable as $$
    select
        waiver.id,
        waiver.reason,
        waiver.expires_on,
        waiver.starts_on <= the_day and the_day < waiver.expires_on
    from upkeep.waiver as waiver
    where waiver.active
    and waiver.duty = the_duty
    and (waiver.target is null or waiver.target = the_target)
    and (waiver.rule is null or waiver.rule = the_rule)
    and (waiver.object is null or waiver.object = the_object)
    order by
        waiver.starts_on <= the_day and the_day < waiver.expires_on desc,
        waiver.expires_on desc,
        waiver.id
    limit 1
$$;
comment on function upkeep.waiver_for is
'The waiver of the file that is for a finding, at most one, and whether it holds on a day (UTC).';

create function upkeep.gone_at(the_duty text, the_target text, the_end timestamptz) returns timestamptz
language sql stable as $$
    select min(answer.asked_at)
    from upkeep.answer as answer
    where answer.duty = the_duty
    and answer.target = the_target
    and answer.window_end = the_end
    and answer.status <> 'unknown'
$$;
comment on function upkeep.gone_at is
'When an answer that was not unknown was given for the window that ends at a moment: with it a finding was seen to be gone.';

create function upkeep.finding_life_as_of(moment timestamptz)
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
        least(episode.found_at + due.days * interval '24 hours', newest.due_by) as due_at,
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
            finding.due_by
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
comment on function upkeep.finding_life_as_of is
'Like the view finding_life, seen from a moment: only windows that had ended by then count. Waivers are those of the file today.';

create view upkeep.finding_life as
select *
from upkeep.finding_life_as_of('infinity');
comment on view upkeep.finding_life is
'One row per finding ever seen, with its life. An unknown answer neither resolves a finding nor continues it. Filter by duty, target or fingerprint where you can; for what is open at a moment ask findings_as_of, which is much faster.';
comment on column upkeep.finding_life.fingerprint is 'Identity of the finding: duty, target, rule and object.';
comment on column upkeep.finding_life.duty is 'Duty that found it.';
comment on column upkeep.finding_life.area is 'Area of the duty.';
comment on column upkeep.finding_life.cadence is 'Cadence of the newest observation.';
comment on column upkeep.finding_life.target is 'Target it was found on.';
comment on column upkeep.finding_life.owner is 'Person responsible for the target.';
comment on column upkeep.finding_life.rule is 'Kind of thing wrong.';
comment on column upkeep.finding_life.object is 'What is wrong: a table, a slot, a role.';
comment on column upkeep.finding_life.severity is 'How bad, at the newest observation.';
comment on column upkeep.finding_life.title is 'One line with the number against its limit, of the newest observation.';
comment on column upkeep.finding_life.remedy is 'What to do, of the newest observation.';
comment on column upkeep.finding_life.value is 'The number that was judged, of the newest observation.';
comment on column upkeep.finding_life.limit_value is 'The limit it was judged against, of the newest observation.';
comment on column upkeep.finding_life.unit is 'Unit of both.';
comment on column upkeep.finding_life.first_seen is 'Window end of the first observation of the newest episode.';
comment on column upkeep.finding_life.found_at is 'When the newest episode was first found; its age and due time are counted from here.';
comment on column upkeep.finding_life.first_seen_ever is 'Window end of the first observation of all.';
comment on column upkeep.finding_life.last_seen is 'Window end of the newest observation.';
comment on column upkeep.finding_life.episodes is 'How many times it began.';
comment on column upkeep.finding_life.reopened is 'How many times it came back after it had been gone.';
comment on column upkeep.finding_life.resolved_at is 'Window end of the first later answer that was not unknown and did not have it; null while it is open.';
comment on column upkeep.finding_life.gone_at is 'When the answer of resolved_at was given; null while it is open.';
comment on column upkeep.finding_life.due_at is 'When it must be gone: found_at plus the days for its severity, or due_by of the newest observation when that is earlier.';
comment on column upkeep.finding_life.waived_until is 'First day (UTC) on which its waiver no longer holds, whether or not that has passed; null without a waiver.';
comment on column upkeep.finding_life.waiver_id is 'Its waiver.';
comment on column upkeep.finding_life.waiver_reason is 'Why it is accepted.';
comment on column upkeep.finding_life.state is 'open or resolved.';
comment on column upkeep.finding_life.red_at is 'From this severity on, a finding turns the task of its target red.';

create view upkeep.mended_finding as
select
    gone.duty,
    gone.target,
    gone.window_start,
    gone.window_end,
    gone.fingerprint,
    gone.rule,
    gone.object,
    gone.severity,
    gone.title,
    gone.remedy,
    gone.found_at,
    gone.gone_at
from upkeep.replaced_finding as gone
where gone.gone_at is not null
and not exists (
    select
    from upkeep.episode as episode
    where episode.fingerprint = gone.fingerprint
    and episode.first_seen <= gone.window_end
    and coalesce(episode.resolved_at, 'infinity') >= gone.window_end
);
comment on view upkeep.mended_finding is
'Findings that were found and gone within one window: mended, and its task cleared. They have no episode, since the window has its newest answer only.';
comment on column upkeep.mended_finding.duty is 'Duty that found it.';
comment on column upkeep.mended_finding.target is 'Target it was found on.';
comment on column upkeep.mended_finding.window_start is 'Start of the window, included.';
comment on column upkeep.mended_finding.window_end is 'End of the window, excluded.';
comment on column upkeep.mended_finding.fingerprint is 'The finding.';
comment on column upkeep.mended_finding.rule is 'Kind of thing wrong.';
comment on column upkeep.mended_finding.object is 'What was wrong.';
comment on column upkeep.mended_finding.severity is 'How bad it was.';
comment on column upkeep.mended_finding.title is 'One line with the number against its limit, as it was.';
comment on column upkeep.mended_finding.remedy is 'What was to be done.';
comment on column upkeep.mended_finding.found_at is 'When it was first found.';
comment on column upkeep.mended_finding.gone_at is 'When it was first seen to be gone.';

create function upkeep.findings_as_of(moment timestamptz)
returns table (
    fingerprint text,
    duty text,
    area text,
    cadence text,
    target text,
    owner text,
    owner_slack text,
    runbook text,
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
    due_at timestamptz,
    waived_until date,
    waiver_id text,
    waiver_reason text,
    red_at upkeep.severity,
    waived boolean,
    overdue boolean,
    red boolean,
    active boolean
)
language sql stable as $$
    select
        life.fingerprint,
        life.duty,
        life.area,
        life.cadence,
        life.target,
        life.owner,
        target.owner_slack,
        target.runbook,
        life.rule,
        life.object,
        life.severity,
        life.title,
        life.remedy,
        life.value,
        life.limit_value,
        life.unit,
        life.first_seen,
        life.found_at,
        life.first_seen_ever,
        life.last_seen,
        life.episodes,
        life.reopened,
        life.due_at,
        life.waived_until,
        life.waiver_id,
        life.waiver_reason,
        life.red_at,
        judged.waived,
        not judged.waived and coalesce(life.due_at < moment, false) as overdue,
        not judged.waived and judged.active and life.severity >= coalesce(life.red_at, 'high') as red,
        judged.active
    from upkeep.finding_life_as_of(moment) as life
    left join upkeep.duty as duty
        on duty.name = life.duty
    left join upkeep.target as target
        on target.name = life.target
    left join upkeep.waiver as waiver
        on waiver.id = life.waiver_id
    cross join lateral (
        select
            coalesce(duty.active and target.active, true) as active,
            waiver.id is not null
            and waiver.starts_on <= (moment at time zone 'UTC')::date
            and waiver.expires_on > (moment at time zone 'UTC')::date as waived
    ) as judged
    where life.state = 'open'
$$;
comment on function upkeep.findings_as_of is
'Findings open at a moment: those of the newest answer, of windows that had ended by then, that was not unknown. waived: a waiver holds on that day (UTC). overdue: past due and not waived. red: at or above red_at, not waived, and still looked after. active: duty and target are still looked after.';

create table upkeep.metric_day (
    duty text not null,
    target text not null,
    day date not null,
    name text not null,
    labels jsonb not null,
    unit text not null,
    min double precision not null,
    max double precision not null,
    avg double precision not null,
    sum double precision not null,
    n bigint not null,
    last double precision not null,
    numerator double precision,
    denominator double precision,
    raw_dropped boolean not null default false,
    primary key (duty, target, day, name, labels)
);
create index metric_day_by_name on upkeep.metric_day (name, target, day);
comment on table upkeep.metric_day is
'metric by day (UTC), made by the function roll_up. Kept for ever, also when the values it is made of are dropped for their age.';
comment on column upkeep.metric_day.duty is 'Duty that measured it.';
comment on column upkeep.metric_day.target is 'Target it was measured on.';
comment on column upkeep.metric_day.day is 'Day in UTC; a value taken at the very end of a window belongs to the last day of the window.';
comment on column upkeep.metric_day.name is 'Name of the number.';
comment on column upkeep.metric_day.labels is 'What tells apart several values of one name.';
comment on column upkeep.metric_day.unit is 'Unit of min, max, avg, sum and last.';
comment on column upkeep.metric_day.min is 'Smallest value of the day.';
comment on column upkeep.metric_day.max is 'Largest value of the day.';
comment on column upkeep.metric_day.avg is 'Mean of the values of the day.';
comment on column upkeep.metric_day.sum is 'Sum of the values of the day; only of use for amounts.';
comment on column upkeep.metric_day.n is 'How many values the day had.';
comment on column upkeep.metric_day.last is 'Newest value of the day.';
comment on column upkeep.metric_day.numerator is 'Of a share: sum of what was counted.';
comment on column upkeep.metric_day.denominator is 'Of a share: sum of out of how many.';
comment on column upkeep.metric_day.raw_dropped is 'Whether the values of that day were dropped from metric for their age.';

create function upkeep.roll_up(the_cadence text, the_start timestamptz, the_end timestamptz) returns bigint
language plpgsql as $$
declare
    first_day constant date := the_start at time zone 'UTC';
    last_day constant date := (the_end - interval '1 microsecond') at time zone 'UTC';
    rolled bigint;
begin
    perform pg_advisory_xact_lock(hashtextextended('upkeep.roll_up ' || the_cadence, 0));
    perform pg_advisory_xact_lock_shared(hashtextextended('upkeep.retire_metrics', 0));
    delete from upkeep.metric_day as old
    using upkeep.answer as answer
    where answer.cadence = the_cadence
    and answer.window_start = the_start
    and answer.window_end = the_end
    and old.duty = answer.duty
    and old.target = answer.target
    and old.day between first_day and last_day
    -- A day without values that had some is one whose values were dropped: it stays as it was rolled up.
    and (
        not old.raw_dropped
        or exists (
            select
            from upkeep.metric as metric
            where metric.duty = old.duty
            and metric.target = old.target
            and metric.at >= old.day::timestamp at time zone 'UTC'
            and metric.at <= (old.day + 1)::timestamp at time zone 'UTC'
            and (least(metric.at, metric.window_end - interval '1 microsecond') at time zone 'UTC')::date = old.day
        )
    );

    insert into upkeep.metric_day (
        duty, target, day, name, labels, unit, min, max, avg, sum, n, last, numerator, denominator
    )
    select
        once.duty,
        once.target,
        once.day,
        once.name,
        once.labels,
        min(once.unit),
        min(once.value),
        max(once.value),
        avg(once.value),
        sum(once.value),
        count(*),
        (array_agg(once.value order by once.at desc))[1],
        sum(once.numerator),
        sum(once.denominator)
    from (
        select distinct on (metric.duty, metric.target, metric.name, metric.labels, placed.day, metric.at)
            metric.duty,
            metric.target,
            metric.name,
            metric.labels,
            placed.day,
            metric.at,
            metric.unit,
            metric.value,
            metric.numerator,
            metric.denominator
        from upkeep.metric as metric
        cross join lateral (
            select (least(metric.at, metric.window_end - interval '1 microsecond') at time zone 'UTC')::date as day
        ) as placed
        where metric.at >= first_day::timestamp at time zone 'UTC'
        and metric.at <= (last_day + 1)::timestamp at time zone 'UTC'
        and placed.day between first_day and last_day
        and metric.value = metric.value
        and exists (
            select
            from upkeep.answer as answer
            where answer.cadence = the_cadence
            and answer.window_start = the_start
            and answer.window_end = the_end
            and answer.duty = metric.duty
            and answer.target = metric.target
        )
        order by
            metric.duty,
            metric.target,
            metric.name,
            metric.labels,
            placed.day,
            metric.at,
            metric.window_end desc,
            metric.window_start desc
    ) as once
    group by
        once.duty,
        once.target,
        once.day,
        once.name,
        once.labels;
    get diagnostics rolled = row_count;
    return rolled;
end
$$;
comment on function upkeep.roll_up is
'Write metric_day anew for the days of a window and everything that answered in it, and say how many rows that made. Call it once the window has its answers; again changes nothing. Days whose values were dropped stay as they are.';

create function upkeep.answers_of_run(
    the_cadence text, the_start timestamptz, the_end timestamptz, the_dag_id text, the_run_id text
)
returns table (duty text, target text)
language sql stable as $$
    select
        answer.duty,
        answer.target
    from upkeep.answer as answer
    where answer.cadence = the_cadence
    and answer.window_start = the_start
    and answer.window_end = the_end
    and (
        answer.dag_id = the_dag_id
        and answer.run_id = the_run_id
        or answer.asked_at >= coalesce(
            (
                select run_start.started_at
                from upkeep.run_start as run_start
                where run_start.dag_id = the_dag_id
                and run_start.run_id = the_run_id
            ),
            '-infinity'
        )
    )
    and not exists (
        select
        from upkeep.pending_answer as pending
        where pending.duty = answer.duty
        and pending.target = answer.target
        and pending.window_start = answer.window_start
        and pending.window_end = answer.window_end
        and pending.dag_id = the_dag_id
        and pending.run_id = the_run_id
    )
$$;
comment on function upkeep.answers_of_run is
'Duties and targets that have an answer for a window as far as one Airflow run is concerned. An answer from before the run began is none, and neither is one that the run has asked for again since and not got.';

create view upkeep.missing_answer as
select
    duty.name as duty,
    target.name as target,
    duty.cadence,
    run.window_start,
    run.window_end,
    case when run.cadence is null then 'its cadence has never run' else 'no answer in the newest window' end as why
from upkeep.duty as duty
inner join upkeep.target as target
    on target.kind = duty.target_kind
    and target.active
left join upkeep.latest_run as run
    on run.cadence = duty.cadence
where duty.active
and not exists (
    select
    from upkeep.answer as answer
    where answer.duty = duty.name
    and answer.target = target.name
    and answer.window_start = run.window_start
    and answer.window_end = run.window_end
)
union all
select
    duty.name,
    null,
    duty.cadence,
    null,
    null,
    'no target of its kind (' || duty.target_kind || ')'
from upkeep.duty as duty
where duty.active
and not exists (
    select
    from upkeep.target as target
    where target.kind = duty.target_kind
    and target.active
)
union all
select
    null,
    target.name,
    null,
    null,
    null,
    'no duty asks its kind (' || target.kind || ')'
from upkeep.target as target
where target.active
and not exists (
    select
    from upkeep.duty as duty
    where duty.target_kind = target.kind
    and duty.active
);
comment on view upkeep.missing_answer is 'What nobody looked at: silence is not green.';
comment on column upkeep.missing_answer.duty is 'Duty without a result; null for a target that no duty is for.';
comment on column upkeep.missing_answer.target is 'Target it has no result about; null for a duty that has no target.';
comment on column upkeep.missing_answer.cadence is 'Cadence of the duty.';
comment on column upkeep.missing_answer.window_start is 'Start of the window that lacks the answer; null when there is none.';
comment on column upkeep.missing_answer.window_end is 'End of the window that lacks the answer; null when there is none.';
comment on column upkeep.missing_answer.why is 'What is missing.';

create function upkeep.admit_reader() returns boolean
language plpgsql as $$
begin
    if to_regrole('upkeep_reader') is null then
        create role upkeep_reader nologin;
    end if;
    grant usage on schema upkeep to upkeep_reader;
    grant select on all tables in schema upkeep to upkeep_reader;
    alter default privileges in schema upkeep grant select on tables to upkeep_reader;
    begin
        execute format('alter role upkeep_reader in database %I set search_path = upkeep, public', current_database());
    exception
        -- A role that an administrator made: it reads all the same.
        when insufficient_privilege then null;
    end;
    return true;
exception
    when insufficient_privilege then
        raise notice 'this login may not create the role upkeep_reader; let an administrator create it, then: select upkeep.admit_reader()';
        return false;
end
$$;
comment on function upkeep.admit_reader is
'Let the role upkeep_reader read everything of this schema, now and later; create the role when it is missing. False when this login may not.';

-- A setting of a role is not inherited by its members.
create function upkeep.admit_login(login text) returns void
language plpgsql as $$
begin
    execute format('grant upkeep_reader to %I', login);
    execute format('alter role %I in database %I set search_path = upkeep, public', login, current_database());
end
$$;
comment on function upkeep.admit_login is
'Let a login read everything of this schema, and name its tables without the schema. Call it as whoever may grant upkeep_reader and alter that login.';

do $$
begin
    perform upkeep.admit_reader();
exception
    -- Another database of the same server was set up at the same time, and the role belongs to both.
    when duplicate_object or unique_violation then
        perform upkeep.admit_reader();
end
$$;
