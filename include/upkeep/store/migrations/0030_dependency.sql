create table upkeep.dependency (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    place integer not null,
    file text not null,
    line integer,
    ecosystem text not null,
    package text not null,
    version text,
    asked_for text,
    direct boolean,
    path text[] not null,
    scope text not null,
    origin text not null,
    commit_id text,
    licence text,
    deprecated text,
    primary key (duty, target, window_start, window_end, place),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
create index dependency_by_package on upkeep.dependency (ecosystem, package, window_end);
comment on table upkeep.dependency is 'Packages that repositories lock, one row for each place in which one stands and window.';
comment on column upkeep.dependency.duty is 'Duty that looked.';
comment on column upkeep.dependency.target is 'Repository.';
comment on column upkeep.dependency.window_start is 'Start of the window, included.';
comment on column upkeep.dependency.window_end is 'End of the window, excluded.';
comment on column upkeep.dependency.place is 'Number of the row within the answer.';
comment on column upkeep.dependency.file is 'Path of the file in the repository.';
comment on column upkeep.dependency.line is 'Line of the file, from 1; null where the file has none.';
comment on column upkeep.dependency.ecosystem is 'Ecosystem, as OSV names it.';
comment on column upkeep.dependency.package is 'Name, as the ecosystem spells it.';
comment on column upkeep.dependency.version is 'Version; null where none is pinned.';
comment on column upkeep.dependency.asked_for is 'Range that stands where a version should.';
comment on column upkeep.dependency.direct is 'Whether it is asked for directly; null where the file does not tell.';
comment on column upkeep.dependency.path is 'Shortest chain from a direct dependency to it; empty where the file does not tell.';
comment on column upkeep.dependency.scope is 'production, development or unknown.';
comment on column upkeep.dependency.origin is 'registry, git, path or url.';
comment on column upkeep.dependency.commit_id is 'Commit of a git dependency.';
comment on column upkeep.dependency.licence is 'Licence, where the file tells.';
comment on column upkeep.dependency.deprecated is 'What the file says of a version that was yanked or abandoned.';
