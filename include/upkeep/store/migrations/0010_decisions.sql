-- What only people may say: questions, who signed what on which evidence, and the work that was decided.

create table upkeep.decision (
    key text primary key,
    kind text not null check (kind in ('review', 'approval')),
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null check (window_end > window_start),
    run text not null,
    question json not null,
    digest text not null,
    subject text not null,
    needed integer not null check (needed in (1, 2)),
    due_days double precision not null check (due_days > 0),
    asked_by text,
    signers jsonb not null default '[]' check (pg_catalog.jsonb_typeof(signers) = 'array'),
    status text not null check (status in ('open', 'answered', 'missed', 'withdrawn')),
    outcome text,
    reason text,
    round integer not null default 1,
    opened_at timestamptz not null,
    due_at timestamptz not null check (due_at > opened_at),
    asked_at timestamptz,
    reminded_at timestamptz,
    closed_at timestamptz,
    dag_id text,
    run_id text,
    task_id text,
    patch text not null default '',
    result_ok boolean,
    result text,
    result_at timestamptz,
    check ((status = 'open') = (closed_at is null)),
    check ((status = 'answered') = (outcome is not null))
);
create index decision_open on upkeep.decision (due_at) where status = 'open';
create index decision_by_pair on upkeep.decision (duty, target, window_end);
create index decision_by_time on upkeep.decision (opened_at desc);
comment on table upkeep.decision is
'Questions to people: reviews of what was found, and approvals of exactly what will be done. No answer is missed, never approved.';
comment on column upkeep.decision.key is 'Duty, target and window, or the run of an approval: asked again it is the same decision.';
comment on column upkeep.decision.kind is 'review or approval.';
comment on column upkeep.decision.duty is 'Duty that asks.';
comment on column upkeep.decision.target is 'Target that it is about.';
comment on column upkeep.decision.window_start is 'Start of the window, included.';
comment on column upkeep.decision.window_end is 'End of the window, excluded.';
comment on column upkeep.decision.run is 'The Airflow run that an approval belongs to; empty for a review.';
comment on column upkeep.decision.question is 'The question as it is asked: body, form, evidence, and what follows from each choice.';
comment on column upkeep.decision.digest is 'SHA-256 of the question: an answer counts for this one alone.';
comment on column upkeep.decision.subject is 'The question in one line.';
comment on column upkeep.decision.needed is 'How many different people must sign.';
comment on column upkeep.decision.due_days is 'Days that people have.';
comment on column upkeep.decision.asked_by is 'Airflow user who asked for it; null when a schedule did.';
comment on column upkeep.decision.signers is 'Who may answer, first choice first; empty: whoever may answer in Airflow.';
comment on column upkeep.decision.status is 'open, answered, missed (no answer when it was due) or withdrawn (nothing is asked any more).';
comment on column upkeep.decision.outcome is 'What was answered: one of the options of the question, or Object.';
comment on column upkeep.decision.reason is 'Why it was missed or withdrawn, or what was objected.';
comment on column upkeep.decision.round is 'Grows each time it is asked anew; only signatures of this round count.';
comment on column upkeep.decision.opened_at is 'When it was opened, in this round.';
comment on column upkeep.decision.due_at is 'When it is due.';
comment on column upkeep.decision.asked_at is 'When people could first answer.';
comment on column upkeep.decision.reminded_at is 'When people were reminded.';
comment on column upkeep.decision.closed_at is 'When it was answered, missed or withdrawn.';
comment on column upkeep.decision.dag_id is 'Airflow DAG in which it is answered.';
comment on column upkeep.decision.run_id is 'Airflow run in which it is answered.';
comment on column upkeep.decision.task_id is 'Airflow task that waits for the answer.';
comment on column upkeep.decision.patch is 'Lines that follow from the answer, for a person to add to the inventory; Upkeep never writes them.';
comment on column upkeep.decision.result_ok is 'Of an approval: whether what was approved was done and verified; null before.';
comment on column upkeep.decision.result is 'What was done, in words.';
comment on column upkeep.decision.result_at is 'When that ended.';

create table upkeep.decision_answer (
    decision text not null references upkeep.decision,
    round integer not null,
    place integer not null check (place in (1, 2)),
    option text not null,
    form_values jsonb not null,
    user_name text not null,
    user_id text not null,
    person text not null,
    answered_at timestamptz not null,
    question json not null,
    digest text not null,
    previous text not null,
    sha256 text not null,
    primary key (decision, round, place)
);
comment on table upkeep.decision_answer is 'Who signed what, when, on which evidence. Rows are only ever added.';
comment on column upkeep.decision_answer.decision is 'Key of the decision.';
comment on column upkeep.decision_answer.round is 'Round of the decision; earlier rounds no longer count.';
comment on column upkeep.decision_answer.place is '1 decided; 2 countersigned what 1 had decided.';
comment on column upkeep.decision_answer.option is 'What was chosen.';
comment on column upkeep.decision_answer.form_values is 'What was entered into the form, by field.';
comment on column upkeep.decision_answer.user_name is 'Airflow user who answered.';
comment on column upkeep.decision_answer.user_id is 'Id of that user.';
comment on column upkeep.decision_answer.person is 'The same in the inventory; the user name where the inventory does not know it.';
comment on column upkeep.decision_answer.answered_at is 'When.';
comment on column upkeep.decision_answer.question is 'The question exactly as it was shown.';
comment on column upkeep.decision_answer.digest is 'SHA-256 of that question.';
comment on column upkeep.decision_answer.previous is 'Hash of the signature before it; empty for the first.';
comment on column upkeep.decision_answer.sha256 is 'Hash of this signature, the previous one included.';

create function upkeep.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'rows of % are only ever added', tg_relid::regclass;
end
$$;
comment on function upkeep.refuse_change is 'Trigger of tables whose rows are only ever added.';
create trigger only_added before update or delete on upkeep.decision_answer
for each row execute function upkeep.refuse_change();

create table upkeep.action_item (
    decision text not null references upkeep.decision,
    number integer not null,
    title text not null,
    remedy text not null,
    object text not null,
    owner text not null,
    due_on date not null,
    done_at timestamptz,
    primary key (decision, number)
);
create index action_item_open on upkeep.action_item (due_on) where done_at is null;
comment on table upkeep.action_item is 'Work that people decided, with who does it and by when.';
comment on column upkeep.action_item.decision is 'Key of the decision.';
comment on column upkeep.action_item.number is 'Number in it, from 1.';
comment on column upkeep.action_item.title is 'What is to be done.';
comment on column upkeep.action_item.remedy is 'How, as SQL or a command.';
comment on column upkeep.action_item.object is 'The thing that it is about.';
comment on column upkeep.action_item.owner is 'Person of the inventory who does it.';
comment on column upkeep.action_item.due_on is 'Day by which it is done.';
comment on column upkeep.action_item.done_at is 'When the duty no longer saw the thing; null while it does.';
