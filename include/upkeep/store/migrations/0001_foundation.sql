-- What was asked, what was answered, what was measured, what was wrong.
-- Every table is keyed by what it says (duty, target, window), never by the Airflow run that said it: a rerun replaces, nothing doubles.

create type upkeep.severity as enum ('low', 'medium', 'high', 'critical');
create type upkeep.status as enum ('ok', 'breach', 'unknown');

create table upkeep.target (
    name text primary key,
    kind text not null,
    owner text not null,
    owner_slack text,
    red_at upkeep.severity not null,
    tags text[] not null,
    runbook text,
    active boolean not null
);
comment on table upkeep.target is 'What is looked after, as the inventory said at the newest run. Targets that left the inventory stay, inactive.';
comment on column upkeep.target.name is 'Name in the inventory; unique over all kinds.';
comment on column upkeep.target.kind is 'Section of the inventory it stands in, such as databases.';
comment on column upkeep.target.owner is 'Person responsible.';
comment on column upkeep.target.owner_slack is 'Slack id of the owner.';
comment on column upkeep.target.red_at is 'From this severity on, a finding turns the task red.';
comment on column upkeep.target.tags is 'Words to select and group by.';
comment on column upkeep.target.runbook is 'Link to what to do.';
comment on column upkeep.target.active is 'Whether the inventory still lists it.';

create table upkeep.duty (
    name text primary key,
    area text not null,
    kind text not null check (kind in ('check', 'job', 'review')),
    cadence text not null,
    owner text not null,
    title text not null,
    dated boolean not null,
    target_kind text not null,
    active boolean not null
);
comment on table upkeep.duty is 'What the programme does, as the code said at the newest run.';
comment on column upkeep.duty.name is 'Name of the duty; also the id of its Airflow task, after the area.';
comment on column upkeep.duty.area is 'Area it belongs to, such as database.';
comment on column upkeep.duty.kind is 'check reads, job changes something, review asks a person.';
comment on column upkeep.duty.cadence is 'How often it is due; the id of its DAG.';
comment on column upkeep.duty.owner is 'Team that owns the question.';
comment on column upkeep.duty.title is 'First line of its text.';
comment on column upkeep.duty.dated is 'Dated duties can be asked about past windows; the others see only the present.';
comment on column upkeep.duty.target_kind is 'Kind of target that it is asked about.';
comment on column upkeep.duty.active is 'Whether the code still has it.';

create table upkeep.due_days (
    severity upkeep.severity primary key,
    days integer not null check (days >= 0)
);
comment on table upkeep.due_days is 'Days within which a finding of each severity must be gone, from the inventory.';
comment on column upkeep.due_days.severity is 'Severity of the finding.';
comment on column upkeep.due_days.days is 'Days from first found to due.';

create table upkeep.waiver (
    id text primary key,
    duty text not null,
    target text,
    rule text,
    object text,
    reason text not null,
    issue text not null,
    approver text not null,
    starts_on date not null,
    expires_on date not null check (expires_on > starts_on),
    active boolean not null
);
comment on table upkeep.waiver is 'Findings accepted for a time, from waivers.yaml. A null target, rule or object matches every one.';
comment on column upkeep.waiver.id is 'Stable id, made of what it matches.';
comment on column upkeep.waiver.duty is 'Duty whose findings it quiets.';
comment on column upkeep.waiver.target is 'Target it is for; null for all.';
comment on column upkeep.waiver.rule is 'Rule it is for; null for all.';
comment on column upkeep.waiver.object is 'Object it is for; null for all.';
comment on column upkeep.waiver.reason is 'Why the finding is accepted.';
comment on column upkeep.waiver.issue is 'Link to where that was decided.';
comment on column upkeep.waiver.approver is 'Who accepted it.';
comment on column upkeep.waiver.starts_on is 'First day it holds, in UTC.';
comment on column upkeep.waiver.expires_on is 'First day it no longer holds, in UTC.';
comment on column upkeep.waiver.active is 'Whether waivers.yaml still lists it.';

create table upkeep.run (
    cadence text not null,
    window_start timestamptz not null,
    window_end timestamptz not null check (window_end > window_start),
    dag_id text not null,
    run_id text not null,
    run_type text not null,
    thread text not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    again_at timestamptz,
    reported_at timestamptz,
    primary key (cadence, window_start, window_end)
);
comment on table upkeep.run is 'One row per cadence and window: the newest Airflow run that was about it.';
comment on column upkeep.run.cadence is 'How often it runs; the id of its DAG.';
comment on column upkeep.run.window_start is 'Start of the window, included.';
comment on column upkeep.run.window_end is 'End of the window, excluded.';
comment on column upkeep.run.dag_id is 'Airflow DAG.';
comment on column upkeep.run.run_id is 'Airflow run.';
comment on column upkeep.run.run_type is 'scheduled, manual, backfill or asset_triggered, as Airflow says; made up: it never was, the demo made it up.';
comment on column upkeep.run.thread is 'Thread of messages it speaks in; the windows of one backfill share one.';
comment on column upkeep.run.started_at is 'When the run first began its work, however often it was cleared.';
comment on column upkeep.run.finished_at is 'When its report was first stored, however often it was cleared; null before.';
comment on column upkeep.run.again_at is 'When it last began again, since it was cleared or tried anew; null when it never did.';
comment on column upkeep.run.reported_at is 'When its report was last stored; null before, and earlier than again_at while it runs again.';

create table upkeep.answer (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null check (window_end > window_start),
    cadence text not null,
    status upkeep.status not null,
    summary text not null check (btrim(summary) <> ''),
    evidence jsonb not null,
    asked_at timestamptz not null,
    seconds double precision not null check (seconds >= 0),
    dag_id text not null,
    run_id text not null,
    task_id text not null,
    map_index integer not null,
    try_number integer not null,
    primary key (duty, target, window_start, window_end)
);
create index answer_by_window on upkeep.answer (cadence, window_end, window_start);
create index answer_by_target on upkeep.answer (target, window_end);
comment on table upkeep.answer is 'What each duty said about each target for each window. unknown is a third state and never counts as ok.';
comment on column upkeep.answer.duty is 'Duty that was asked.';
comment on column upkeep.answer.target is 'Target it was asked about.';
comment on column upkeep.answer.window_start is 'Start of the window, included.';
comment on column upkeep.answer.window_end is 'End of the window, excluded.';
comment on column upkeep.answer.cadence is 'Cadence of the duty.';
comment on column upkeep.answer.status is 'ok, breach or unknown.';
comment on column upkeep.answer.summary is 'One line with numbers; for unknown, the reason.';
comment on column upkeep.answer.evidence is 'What was seen, as the duty kept it.';
comment on column upkeep.answer.asked_at is 'Provenance: when it was asked.';
comment on column upkeep.answer.seconds is 'Provenance: how long asking took, in seconds.';
comment on column upkeep.answer.dag_id is 'Provenance: Airflow DAG.';
comment on column upkeep.answer.run_id is 'Provenance: Airflow run.';
comment on column upkeep.answer.task_id is 'Provenance: Airflow task.';
comment on column upkeep.answer.map_index is 'Provenance: index of the mapped task instance.';
comment on column upkeep.answer.try_number is 'Provenance: which try of the task.';

create table upkeep.run_start (
    dag_id text not null,
    run_id text not null,
    started_at timestamptz not null,
    primary key (dag_id, run_id)
);
comment on table upkeep.run_start is 'When each Airflow run first began. Clearing its tasks later does not change that: what it had answered stays answered.';
comment on column upkeep.run_start.dag_id is 'Airflow DAG.';
comment on column upkeep.run_start.run_id is 'Airflow run.';
comment on column upkeep.run_start.started_at is 'When its first task began.';

create table upkeep.pending_answer (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    dag_id text not null,
    run_id text not null,
    try_number integer not null,
    asked_at timestamptz not null,
    primary key (duty, target, window_end, window_start)
);
comment on table upkeep.pending_answer is
'Questions that a task has put and not answered: it is still at work, or it was killed. An answer takes the row away.';
comment on column upkeep.pending_answer.duty is 'Duty that asks.';
comment on column upkeep.pending_answer.target is 'Target it asks about.';
comment on column upkeep.pending_answer.window_start is 'Start of the window, included.';
comment on column upkeep.pending_answer.window_end is 'End of the window, excluded.';
comment on column upkeep.pending_answer.dag_id is 'Airflow DAG of the task.';
comment on column upkeep.pending_answer.run_id is 'Airflow run of the task.';
comment on column upkeep.pending_answer.try_number is 'Which try of the task.';
comment on column upkeep.pending_answer.asked_at is 'When it put the question.';

create table upkeep.finding (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    fingerprint text not null check (fingerprint ~ '^[0-9a-f]{16}$'),
    rule text not null,
    object text not null,
    severity upkeep.severity not null,
    title text not null check (btrim(title) <> ''),
    remedy text not null check (btrim(remedy) <> ''),
    value double precision,
    limit_value double precision,
    unit text not null,
    details jsonb not null,
    due_by timestamptz,
    found_at timestamptz not null,
    -- By end first: the neighbours of a window are looked up at each save.
    primary key (duty, target, window_end, window_start, fingerprint),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
create index finding_by_fingerprint on upkeep.finding (fingerprint, window_end);
comment on table upkeep.finding is 'One observation of one thing wrong. Its life (first seen, resolved, reopened, waived, due) is the view finding_life.';
comment on column upkeep.finding.duty is 'Duty that found it.';
comment on column upkeep.finding.target is 'Target it was found on.';
comment on column upkeep.finding.window_start is 'Start of the window, included.';
comment on column upkeep.finding.window_end is 'End of the window, excluded.';
comment on column upkeep.finding.fingerprint is 'Stays the same for as long as the thing stays wrong.';
comment on column upkeep.finding.rule is 'Kind of thing wrong.';
comment on column upkeep.finding.object is 'What is wrong: a table, a slot, a role.';
comment on column upkeep.finding.severity is 'How bad.';
comment on column upkeep.finding.title is 'One line with the number against its limit.';
comment on column upkeep.finding.remedy is 'What to do.';
comment on column upkeep.finding.value is 'The number that was judged.';
comment on column upkeep.finding.limit_value is 'The limit it was judged against.';
comment on column upkeep.finding.unit is 'Unit of both.';
comment on column upkeep.finding.details is 'More about it.';
comment on column upkeep.finding.due_by is 'When it must be gone at the latest, whatever its severity; null when its severity alone decides.';
comment on column upkeep.finding.found_at is
'When an answer for this window first had it, however often the window was asked again. The window may have ended long before.';

create table upkeep.replaced_finding (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    fingerprint text not null,
    rule text not null,
    object text not null,
    severity upkeep.severity not null,
    title text not null,
    remedy text not null,
    found_at timestamptz not null,
    gone_at timestamptz,
    primary key (duty, target, window_end, window_start, fingerprint)
);
create index replaced_finding_by_gone on upkeep.replaced_finding (gone_at) where gone_at is not null;
comment on table upkeep.replaced_finding is
'Findings that a window had until it was asked again: mended meanwhile, or not looked for since. What is found again leaves this table.';
comment on column upkeep.replaced_finding.duty is 'Duty that found it.';
comment on column upkeep.replaced_finding.target is 'Target it was found on.';
comment on column upkeep.replaced_finding.window_start is 'Start of the window, included.';
comment on column upkeep.replaced_finding.window_end is 'End of the window, excluded.';
comment on column upkeep.replaced_finding.fingerprint is 'The finding.';
comment on column upkeep.replaced_finding.rule is 'Kind of thing wrong.';
comment on column upkeep.replaced_finding.object is 'What was wrong.';
comment on column upkeep.replaced_finding.severity is 'How bad it was.';
comment on column upkeep.replaced_finding.title is 'One line with the number against its limit, as it was.';
comment on column upkeep.replaced_finding.remedy is 'What was to be done.';
comment on column upkeep.replaced_finding.found_at is 'When it was first found for this window.';
comment on column upkeep.replaced_finding.gone_at is
'When an answer for the same window that was not unknown first had it no more; null while only unknown answers followed.';

create table upkeep.metric (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    name text not null,
    labels jsonb not null,
    at timestamptz not null,
    value double precision not null,
    unit text not null,
    numerator double precision,
    denominator double precision,
    n bigint,
    primary key (duty, target, window_start, window_end, name, labels, at)
) partition by range (at);
create index metric_by_name on upkeep.metric (name, target, at);
comment on table upkeep.metric is 'Every number over time, once. Partitioned by month of at.';
comment on column upkeep.metric.duty is 'Duty that measured it.';
comment on column upkeep.metric.target is 'Target it was measured on.';
comment on column upkeep.metric.window_start is 'Start of the window, included.';
comment on column upkeep.metric.window_end is 'End of the window, excluded.';
comment on column upkeep.metric.name is 'Name of the number.';
comment on column upkeep.metric.labels is 'What tells apart several values of one name, such as a table or a query.';
comment on column upkeep.metric.at is 'Moment the value is for; the end of the window unless the source says otherwise.';
comment on column upkeep.metric.value is 'The value, in unit.';
comment on column upkeep.metric.unit is 'bytes, s, ms, 1 (a share), count, …';
comment on column upkeep.metric.numerator is 'Of a share: what was counted.';
comment on column upkeep.metric.denominator is 'Of a share: out of how many.';
comment on column upkeep.metric.n is 'Sample size.';

create table upkeep.duty_state (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    state jsonb not null,
    primary key (duty, target, window_end, window_start),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.duty_state is 'Raw counters that a live duty keeps until its next run, to tell what happened in between.';
comment on column upkeep.duty_state.duty is 'Duty that remembers.';
comment on column upkeep.duty_state.target is 'Target it is about.';
comment on column upkeep.duty_state.window_start is 'Start of the window, included.';
comment on column upkeep.duty_state.window_end is 'End of the window, excluded.';
comment on column upkeep.duty_state.state is 'What the duty wrote; its own format.';

create table upkeep.report (
    cadence text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    name text not null,
    title text not null,
    markdown text not null,
    content jsonb not null,
    primary key (cadence, window_start, window_end, name)
);
comment on table upkeep.report is 'Documents made of the stored rows of a window.';
comment on column upkeep.report.cadence is 'Cadence it belongs to.';
comment on column upkeep.report.window_start is 'Start of the window, included.';
comment on column upkeep.report.window_end is 'End of the window, excluded.';
comment on column upkeep.report.name is 'Name of the report.';
comment on column upkeep.report.title is 'Title for people.';
comment on column upkeep.report.markdown is 'The document.';
comment on column upkeep.report.content is 'The numbers behind it.';

-- Attached rather than created in place: that lock lets readers and writers of metric go on.
create function upkeep.ensure_metric_month(month date) returns void language plpgsql as $$
declare
    first_day constant date := date_trunc('month', month::timestamp);
    next_month constant date := first_day + interval '1 month';
    partition constant text := 'metric_' || to_char(first_day, 'YYYY_MM');
begin
    if to_regclass('upkeep.' || partition) is not null then
        return;
    end if;
    perform pg_advisory_xact_lock(hashtext('upkeep.metric partitions'));
    -- Whoever held the lock may have made it; to_regclass would still answer from this session's cache.
    if exists (select from pg_class where relnamespace = 'upkeep'::regnamespace and relname = partition) then
        return;
    end if;
    execute format('create table upkeep.%I (like upkeep.metric including all)', partition);
    execute format(
        'alter table upkeep.metric attach partition upkeep.%I for values from (%L) to (%L)',
        partition,
        first_day || ' 00:00:00+00',
        next_month || ' 00:00:00+00'
    );
end
$$;
comment on function upkeep.ensure_metric_month is 'Make the partition of metric for a month (UTC), if it is not there.';
