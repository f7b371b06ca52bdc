create table upkeep.spend_share (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    day date not null,
    tag_key text not null,
    kind text not null check (kind in ('value', 'unallocated', 'reconciling')),
    tag_value text not null,
    currency text not null,
    own_cost numeric not null,
    shared_cost numeric not null,
    total_cost numeric not null,
    primary key (duty, target, window_start, window_end, tag_key, kind, tag_value, currency),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.spend_share is 'Showback: what each value of a declared tag cost on a day, with its part of shared costs. The rows of a tag and currency add up to the day, to the last digit.';
comment on column upkeep.spend_share.duty is 'Duty that split: spend.';
comment on column upkeep.spend_share.target is 'Account.';
comment on column upkeep.spend_share.window_start is 'Start of the window, included.';
comment on column upkeep.spend_share.window_end is 'End of the window, excluded.';
comment on column upkeep.spend_share.day is 'Day (UTC) that was split: the newest that is whole.';
comment on column upkeep.spend_share.tag_key is 'Declared tag.';
comment on column upkeep.spend_share.kind is 'value: of a value of the tag; unallocated: charges without the tag; reconciling: what rounding and costs that could not be split leave.';
comment on column upkeep.spend_share.tag_value is 'Value of the tag; empty for what has none.';
comment on column upkeep.spend_share.currency is 'Currency.';
comment on column upkeep.spend_share.own_cost is 'Effective cost, credits and taxes included, of charges that have the tag.';
comment on column upkeep.spend_share.shared_cost is 'Part of the costs that are declared as shared.';
comment on column upkeep.spend_share.total_cost is 'Both together.';
