-- What disaster drills did: every step of the owner's written plan with its time against the plan, and those that were needed beside it.
create table upkeep.drill_step (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    number integer not null,
    name text not null,
    kind text not null check (kind in ('command', 'query', 'restore', 'check', 'person', 'needed')),
    result text not null check (result in ('done', 'failed', 'unknown', 'planned', 'not reached', 'missing')),
    said text not null,
    expected_seconds float8 check (expected_seconds >= 0),
    seconds float8 check (seconds >= 0),
    tested_at timestamptz not null,
    backup_id text not null,
    plan_sha256 text not null,
    primary key (duty, target, window_start, window_end, number),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.drill_step is 'Steps of disaster drills, one row for each step and window.';
comment on column upkeep.drill_step.duty is 'Duty that drilled: disaster_drill.';
comment on column upkeep.drill_step.target is 'Database whose loss was played.';
comment on column upkeep.drill_step.window_start is 'Start of the window, included.';
comment on column upkeep.drill_step.window_end is 'End of the window, excluded.';
comment on column upkeep.drill_step.number is 'Place in the plan, from 1; steps that were needed beside it follow.';
comment on column upkeep.drill_step.name is 'What the plan calls it.';
comment on column upkeep.drill_step.kind is 'command, query, restore, check or person; needed when the plan does not have it.';
comment on column upkeep.drill_step.result is
    'done, failed, unknown (could not be judged), planned (a person does it), not reached (after a failed restore), or missing in the plan.';
comment on column upkeep.drill_step.said is 'What came of it, in words.';
comment on column upkeep.drill_step.expected_seconds is 'How long it takes by the plan.';
comment on column upkeep.drill_step.seconds is 'How long it took.';
comment on column upkeep.drill_step.tested_at is 'When the run put the question.';
comment on column upkeep.drill_step.backup_id is 'The backup that was restored.';
comment on column upkeep.drill_step.plan_sha256 is 'SHA-256 of the plan as it was written.';
