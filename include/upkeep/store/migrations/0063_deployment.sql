-- Deployments: written by pipelines, by `upkeep deployment add` and by imports; and which of them failed, as known at a moment.

create table upkeep.deployment (
    service text not null,
    environment text not null default 'production',
    deployment text not null,
    version text,
    commit_id text check (commit_id ~ '^[0-9a-f]{7,64}$'),
    merged_as text check (merged_as ~ '^[0-9a-f]{7,64}$'),
    committed_at timestamptz,
    started_at timestamptz not null,
    finished_at timestamptz,
    status text not null default 'succeeded' check (status in ('running', 'succeeded', 'failed', 'rolled back', 'cancelled')),
    failed_at timestamptz,
    failed_why text,
    unplanned boolean,
    deployed_by text,
    source text not null default 'pipeline',
    url text check (url ~ '^https?://'),
    recorded_at timestamptz not null default now(),
    primary key (service, environment, deployment),
    check (finished_at >= started_at),
    check (failed_at >= started_at),
    check ((finished_at is null) = (status = 'running'))
);
create index deployment_by_time on upkeep.deployment (service, environment, finished_at);
comment on table upkeep.deployment is 'Deployments of services. Pipelines may insert into it: one row each, the same key again replaces it.';
comment on column upkeep.deployment.service is 'Service (inventory: services).';
comment on column upkeep.deployment.environment is 'Where to, such as production.';
comment on column upkeep.deployment.deployment is 'Its id in what deployed it: with service and environment the key.';
comment on column upkeep.deployment.version is 'Version that was deployed, as people call it.';
comment on column upkeep.deployment.commit_id is 'Commit that was deployed, hexadecimal.';
comment on column upkeep.deployment.merged_as is 'Commit of the branch that the deployed one was merged as, such as by squashing.';
comment on column upkeep.deployment.committed_at is 'When the deployed commit was made.';
comment on column upkeep.deployment.started_at is 'When it began.';
comment on column upkeep.deployment.finished_at is 'When it ended; null while it runs.';
comment on column upkeep.deployment.status is 'running, succeeded, failed, rolled back or cancelled: the status of the job itself, also of one that may fail.';
comment on column upkeep.deployment.failed_at is 'When it failed after it went live; null when it did not, or nobody said.';
comment on column upkeep.deployment.failed_why is 'What failed.';
comment on column upkeep.deployment.unplanned is 'Whether it was made because something failed in production; null where nobody said.';
comment on column upkeep.deployment.deployed_by is 'Who or what deployed it.';
comment on column upkeep.deployment.source is 'Where the row comes from: pipeline, command line, GitHub, GitLab, git tags.';
comment on column upkeep.deployment.url is 'Where it can be seen.';
comment on column upkeep.deployment.recorded_at is 'When the row was first written.';

create table upkeep.deployment_change (
    service text not null,
    environment text not null,
    deployment text not null,
    commit_id text not null,
    committed_at timestamptz not null,
    primary key (service, environment, deployment, commit_id),
    foreign key (service, environment, deployment) references upkeep.deployment on delete cascade
);
comment on table upkeep.deployment_change is 'Commits that a deployment brought beside the one before it. The first deployment has none.';
comment on column upkeep.deployment_change.service is 'Service (inventory: services).';
comment on column upkeep.deployment_change.environment is 'Where to.';
comment on column upkeep.deployment_change.deployment is 'Deployment that brought it.';
comment on column upkeep.deployment_change.commit_id is 'The commit, hexadecimal.';
comment on column upkeep.deployment_change.committed_at is 'When it was made.';

create function upkeep.live_deployments(as_of timestamptz)
returns table (
    service text,
    environment text,
    deployment text,
    version text,
    commit_id text,
    committed_at timestamptz,
    started_at timestamptz,
    live_at timestamptz,
    previous text,
    failed_at timestamptz,
    failed_why text,
    recovered_at timestamptz,
    recovered_by text,
    rework boolean
)
language sql stable as $$
    with live as (
        select
            one.*,
            one.finished_at as live_at,
            coalesce(one.merged_as, one.commit_id, one.version) as what
        from upkeep.deployment as one
        where one.finished_at < as_of
        and (one.status in ('succeeded', 'rolled back') or (one.status = 'failed' and one.failed_at < as_of))
    ),

    first_times as (
        select
            live.*,
            min(live.live_at) over (partition by live.service, live.environment, live.what) as first_at
        from live
    ),

    neighbours as (
        select
            one.*,
            lag(one.deployment) over beside as previous,
            lead(one.live_at) over beside as next_at,
            -- The next one had been live before this one was: this one was taken back.
            coalesce(lead(one.first_at) over beside < one.live_at and lead(one.what) over beside <> one.what, false) as taken_back,
            coalesce(one.first_at < lag(one.live_at) over beside and lag(one.what) over beside <> one.what, false) as takes_back
        from first_times as one
        window beside as (partition by one.service, one.environment order by one.live_at, one.deployment)
    ),

    judged as (
        select
            one.*,
            case when one.failed_at < as_of then one.failed_at end as marked_at,
            case when one.status = 'rolled back' then one.live_at end as rolled_at,
            case when one.taken_back then one.next_at end as taken_back_at
        from neighbours as one
    ),

    known as (
        select
            judged.*,
            least(judged.marked_at, judged.rolled_at, judged.taken_back_at) as known_at
        from judged
    )

    select
        one.service,
        one.environment,
        one.deployment,
        one.version,
        coalesce(one.merged_as, one.commit_id),
        one.committed_at,
        one.started_at,
        one.live_at,
        one.previous,
        one.known_at,
        case
            when one.known_at is null then null
            when one.marked_at is not null then coalesce(one.failed_why, 'marked as failed')
            else 'rolled back'
        end,
        recovery.live_at,
        recovery.deployment,
        case when one.takes_back then true else one.unplanned end
    from known as one
    left join lateral (
        select
            later.live_at,
            later.deployment
        from known as later
        where one.known_at is not null
        and later.service = one.service
        and later.environment = one.environment
        and later.live_at > one.live_at
        and later.known_at is null
        order by
            later.live_at,
            later.deployment
        limit 1
    ) as recovery
        on true
$$;
comment on function upkeep.live_deployments is
'Deployments that went live before a moment, and what was known of them then: failed_at when one was marked as failed, rolled back, or followed by what had been live before; recovered_at when the next one without a failure went live; rework when it was unplanned or took one back.';
