-- Secrets as they stood in each window: how old, who used them. No value and no fingerprint of one is kept here.

create table upkeep.secret (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    store text not null,
    opens text not null,
    identity text not null,
    max_age_seconds double precision not null,
    grace_seconds double precision not null,
    cache_seconds double precision not null,
    current_since timestamptz not null,
    pending_since timestamptz,
    used_by text[],
    used_at timestamptz,
    watched_since timestamptz,
    primary key (duty, target, window_start, window_end),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.secret is 'Secrets as they stood in each window: how old each was, and who used it. Values are in their stores only.';
comment on column upkeep.secret.duty is 'Duty that looked: secret_age.';
comment on column upkeep.secret.target is 'The secret.';
comment on column upkeep.secret.window_start is 'Start of the window, included.';
comment on column upkeep.secret.window_end is 'End of the window, excluded.';
comment on column upkeep.secret.store is 'Where it is kept.';
comment on column upkeep.secret.opens is 'What it opens.';
comment on column upkeep.secret.identity is 'Whose value was current: a login or the id of a key, never a value.';
comment on column upkeep.secret.max_age_seconds is 'Age from which it is rotated, as the inventory said.';
comment on column upkeep.secret.grace_seconds is 'How long the value before still works after a rotation.';
comment on column upkeep.secret.cache_seconds is 'For how long applications keep what they read.';
comment on column upkeep.secret.current_since is 'Since when the value was current, by its store''s own clock.';
comment on column upkeep.secret.pending_since is 'Since when a next value waited in the store; null when none did.';
comment on column upkeep.secret.used_by is 'Who was seen using it, as far as the service tells; null when it was not asked.';
comment on column upkeep.secret.used_at is 'When it was last seen in use, at this look or an earlier one; null when it never was.';
comment on column upkeep.secret.watched_since is 'Since when its use is looked for; null where the service cannot tell.';
