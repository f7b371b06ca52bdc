create table upkeep.pending_update (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    package text not null,
    installed text not null,
    candidate text not null,
    kind text not null check (kind in ('security', 'other', 'unknown')),
    first_seen date not null,
    primary key (duty, target, window_start, window_end, package, installed, candidate),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.pending_update is 'Packages of machines that wait for an update, one row for each and window.';
comment on column upkeep.pending_update.duty is 'Duty that looked: patches.';
comment on column upkeep.pending_update.target is 'Machine that it is installed on.';
comment on column upkeep.pending_update.window_start is 'Start of the window, included.';
comment on column upkeep.pending_update.window_end is 'End of the window, excluded.';
comment on column upkeep.pending_update.package is 'Package as its manager calls it.';
comment on column upkeep.pending_update.installed is 'Version that is installed; a question mark where the manager does not say.';
comment on column upkeep.pending_update.candidate is 'Version that waits.';
comment on column upkeep.pending_update.kind is 'security, other, or unknown where the manager does not tell.';
comment on column upkeep.pending_update.first_seen is 'Day of the first report on which an update of this package waited without a break.';
