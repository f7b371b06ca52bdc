-- When each consumer of a secret was first seen with its new value.

alter table upkeep.rotation add column picked_up_by jsonb not null default '{}';

comment on column upkeep.rotation.picked_up_by is
'When each consumer was first seen with it, by application and address or service and region; its lag is the time since promoted_at.';
