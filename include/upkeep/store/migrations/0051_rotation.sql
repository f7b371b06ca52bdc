-- Rotations of secrets, each step with its time. No value and no fingerprint of one is kept here.

create table upkeep.rotation (
    id uuid primary key,
    secret text not null,
    reason text not null check (reason in ('age', 'by hand', 'compromised', 'rollback', 'found')),
    state text not null check (state in ('running', 'grace', 'rotated', 'rolled back')),
    old text not null,
    new text,
    begun_at timestamptz not null,
    staged_at timestamptz,
    installed_at timestamptz,
    proven_at timestamptz,
    promoted_at timestamptz,
    picked_up_at timestamptz,
    retired_at timestamptz,
    dead_at timestamptz,
    used_by text[] not null default '{}',
    dag_id text not null,
    run_id text not null,
    task_id text not null,
    map_index integer not null
);
create index rotation_secret on upkeep.rotation (secret, begun_at desc);

comment on table upkeep.rotation is 'Rotations of secrets, each step with its time.';
comment on column upkeep.rotation.id is 'Made when the rotation began.';
comment on column upkeep.rotation.secret is 'The target.';
comment on column upkeep.rotation.reason is
'Why: past its age, by hand, compromised, taken back, or found in the store without a row of it.';
comment on column upkeep.rotation.state is
'running; grace: the new value is current and the old one still works; rotated: the old one is proven dead; rolled back.';
comment on column upkeep.rotation.old is 'Whose value was replaced: a login or the id of a key, never a value.';
comment on column upkeep.rotation.new is 'Whose value replaced it.';
comment on column upkeep.rotation.begun_at is 'When the rotation began.';
comment on column upkeep.rotation.staged_at is 'When the next value was in the store as pending.';
comment on column upkeep.rotation.installed_at is 'When the service accepted it.';
comment on column upkeep.rotation.proven_at is 'When a login with it had worked, and its rights were those of the old one.';
comment on column upkeep.rotation.promoted_at is 'When it became current; the grace time is counted from here.';
comment on column upkeep.rotation.picked_up_at is 'When an application was first seen with it; null where the service cannot tell.';
comment on column upkeep.rotation.retired_at is 'When the service was told to refuse the old value.';
comment on column upkeep.rotation.dead_at is 'When a try of the old value was refused.';
comment on column upkeep.rotation.used_by is 'Who still used the old value when its grace time had passed, so that it was not ended.';
comment on column upkeep.rotation.dag_id is 'DAG of the task that wrote this last; empty outside Airflow.';
comment on column upkeep.rotation.run_id is 'Its run.';
comment on column upkeep.rotation.task_id is 'Its task.';
comment on column upkeep.rotation.map_index is 'Its index.';
