-- Features with the gates that they should have passed.

create table upkeep.feature_record (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    path text not null,
    feature text not null,
    stage text not null check (stage in ('idea', 'design', 'build', 'staging', 'rollout', 'live', 'done')),
    owner text,
    due text[] not null,
    missing text[] not null,
    dead_links text[] not null,
    primary key (duty, target, window_start, window_end, path),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.feature_record is 'Records of features in repositories, as they were at the end of a window, with what each lacks at its stage.';
comment on column upkeep.feature_record.duty is 'Duty that read them: feature_gates.';
comment on column upkeep.feature_record.target is 'Repository (inventory: repositories).';
comment on column upkeep.feature_record.window_start is 'Start of the window, included.';
comment on column upkeep.feature_record.window_end is 'End of the window, excluded.';
comment on column upkeep.feature_record.path is 'File of the record.';
comment on column upkeep.feature_record.feature is 'How the feature is called.';
comment on column upkeep.feature_record.stage is 'idea, design, build, staging, rollout, live or done.';
comment on column upkeep.feature_record.owner is 'Who looks after it; null where nobody is named.';
comment on column upkeep.feature_record.due is 'Gates that a feature at this stage has passed, or should have.';
comment on column upkeep.feature_record.missing is 'Those of them that it did not pass.';
comment on column upkeep.feature_record.dead_links is 'Paths that it names and that are not there.';
