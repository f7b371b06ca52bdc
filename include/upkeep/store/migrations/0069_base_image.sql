create table upkeep.base_image (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    place text not null,
    image text not null,
    digest text not null,
    tag_digest text,
    pin text not null check (pin in ('current', 'behind', 'gone', 'open', 'untold')),
    first_seen date not null,
    primary key (duty, target, window_start, window_end, place, image, digest),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.base_image is 'Images that repositories build on, one row for each place and window.';
comment on column upkeep.base_image.duty is 'Duty that looked: base_images.';
comment on column upkeep.base_image.target is 'Repository.';
comment on column upkeep.base_image.window_start is 'Start of the window, included.';
comment on column upkeep.base_image.window_end is 'End of the window, excluded.';
comment on column upkeep.base_image.place is 'File and line that names it.';
comment on column upkeep.base_image.image is 'Registry, repository and tag.';
comment on column upkeep.base_image.digest is 'Digest that is written there; empty without one.';
comment on column upkeep.base_image.tag_digest is 'Digest that the tag had when it was looked up; null where that is not known.';
comment on column upkeep.base_image.pin is 'current, behind (the tag has another digest), gone (no such tag), open (no digest is written) or untold.';
comment on column upkeep.base_image.first_seen is 'Day since which it was found so without a break.';
