create table upkeep.spend_anomaly (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    sub_account text not null,
    level text not null check (level in ('account', 'service', 'tag')),
    part text not null,
    currency text not null,
    kind text not null check (kind in ('rise', 'fall', 'new', 'drift')),
    since date not null,
    days integer not null,
    newest numeric not null,
    low numeric not null,
    high numeric not null,
    came numeric not null,
    expected numeric not null,
    excess numeric not null,
    chance double precision,
    difference numeric,
    price numeric,
    usage numeric,
    mix numeric,
    other numeric,
    check (difference = price + usage + mix + other),
    primary key (duty, target, window_start, window_end, sub_account, level, part, currency),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.spend_anomaly is 'Spend that its own past does not explain, one row for each anomaly that was open at the end of a window.';
comment on column upkeep.spend_anomaly.duty is 'Duty that judged: spend_anomalies.';
comment on column upkeep.spend_anomaly.target is 'Bill (inventory: accounts) that it is about.';
comment on column upkeep.spend_anomaly.window_start is 'Start of the window, included.';
comment on column upkeep.spend_anomaly.window_end is 'End of the window, excluded.';
comment on column upkeep.spend_anomaly.sub_account is 'Account, subscription or project, as in spend.';
comment on column upkeep.spend_anomaly.level is 'What was watched: account, service or tag.';
comment on column upkeep.spend_anomaly.part is 'The service, or key=value of the tag; empty for a whole account.';
comment on column upkeep.spend_anomaly.currency is 'Currency of all amounts of the row (ISO 4217).';
comment on column upkeep.spend_anomaly.kind is 'rise, fall, new (nothing was spent there before), or drift (week by week more).';
comment on column upkeep.spend_anomaly.since is 'First day of it.';
comment on column upkeep.spend_anomaly.days is 'Days of it that are known; for a drift, the 28 days compared.';
comment on column upkeep.spend_anomaly.newest is 'What the newest day cost.';
comment on column upkeep.spend_anomaly.low is 'Lower bound of what that day was expected to cost.';
comment on column upkeep.spend_anomaly.high is 'Upper bound of it.';
comment on column upkeep.spend_anomaly.came is 'What all its days cost.';
comment on column upkeep.spend_anomaly.expected is 'What they were expected to cost; for a drift, 28 days at its beginning.';
comment on column upkeep.spend_anomaly.excess is 'came less expected: money so far.';
comment on column upkeep.spend_anomaly.chance is 'How likely a surprise as large is by chance (0 to 1), of its rarest day; null for a drift.';
comment on column upkeep.spend_anomaly.difference is 'What its days cost beyond as many days of the four weeks before; null where there were none.';
comment on column upkeep.spend_anomaly.price is 'Part of the difference: the same use at other prices.';
comment on column upkeep.spend_anomaly.usage is 'Part of the difference: more or less use of the same things.';
comment on column upkeep.spend_anomaly.mix is 'Part of the difference: other shares of dearer and cheaper things.';
comment on column upkeep.spend_anomaly.other is 'Part of the difference: what is new, gone, or has no quantity.';
