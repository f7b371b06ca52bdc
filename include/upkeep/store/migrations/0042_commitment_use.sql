create table upkeep.commitment_use (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    commitment text not null,
    currency text not null,
    used_cost numeric not null,
    unused_cost numeric not null,
    without_it numeric,
    days integer not null,
    ends date,
    primary key (duty, target, window_start, window_end, commitment, currency),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.commitment_use is 'Commitments: how far each was used in the days before a window''s end, and whether it paid.';
comment on column upkeep.commitment_use.duty is 'Duty that looked: commitments.';
comment on column upkeep.commitment_use.target is 'Account.';
comment on column upkeep.commitment_use.window_start is 'Start of the window, included.';
comment on column upkeep.commitment_use.window_end is 'End of the window, excluded.';
comment on column upkeep.commitment_use.commitment is 'Reservation or savings plan, as the source calls it.';
comment on column upkeep.commitment_use.currency is 'Currency.';
comment on column upkeep.commitment_use.used_cost is 'Effective cost of what was used of it.';
comment on column upkeep.commitment_use.unused_cost is 'Effective cost of what was not.';
comment on column upkeep.commitment_use.without_it is 'What the same use would have cost at contracted prices; null where the source does not tell all of it.';
comment on column upkeep.commitment_use.days is 'Days that have costs of it.';
comment on column upkeep.commitment_use.ends is 'Last day, where the inventory says it.';
