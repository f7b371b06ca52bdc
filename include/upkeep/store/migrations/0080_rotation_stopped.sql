-- Why a rotation went no further, and those that failed before they changed anything.

alter table upkeep.rotation add column stopped_at timestamptz;
alter table upkeep.rotation add column stopped_why text;
alter table upkeep.rotation drop constraint rotation_state_check;
alter table upkeep.rotation add constraint rotation_state_check
check (state in ('running', 'grace', 'rotated', 'rolled back', 'failed'));

comment on column upkeep.rotation.stopped_at is 'When it went no further; null when nothing went wrong, and once it goes on.';
comment on column upkeep.rotation.stopped_why is 'What went wrong; no value is part of it.';
comment on column upkeep.rotation.state is
'running; grace: the new value is current and the old one still works; rotated: the old one is proven dead; rolled back; failed: nothing became current.';
