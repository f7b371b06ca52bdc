-- Who is at work on what, so that two never change the same thing, and by which id this installation is known elsewhere.

create table upkeep.installation (
    single boolean primary key default true check (single),
    id uuid not null default pg_catalog.gen_random_uuid(),
    made_at timestamptz not null default pg_catalog.clock_timestamp()
);
insert into upkeep.installation default values;
comment on table upkeep.installation is 'The one id of this installation, by which it knows its own sessions and marks on servers that others use too.';
comment on column upkeep.installation.single is 'Always true: there is one row.';
comment on column upkeep.installation.id is 'Made at random when the schema was.';
comment on column upkeep.installation.made_at is 'When it was made.';

create table upkeep.claim (
    name text primary key,
    token uuid not null,
    holder text not null,
    claimed_at timestamptz not null,
    beaten_at timestamptz not null,
    session_pid integer,
    session_start timestamptz,
    check ((session_pid is null) = (session_start is null))
);
comment on table upkeep.claim is
'Things that one process at a time may change, such as the backups of a target, and which process has each. A claim ends with its '
'holder''s session, or when its holder has not been heard of for a minute.';
comment on column upkeep.claim.name is 'What is claimed.';
comment on column upkeep.claim.token is 'Made at random by the holder: only who knows it may renew or end the claim.';
comment on column upkeep.claim.holder is 'Host, process and run of the holder.';
comment on column upkeep.claim.claimed_at is 'Since when the holder has it.';
comment on column upkeep.claim.beaten_at is 'When the holder was last heard of.';
comment on column upkeep.claim.session_pid is 'The holder''s server process; null when it comes through a pooler.';
comment on column upkeep.claim.session_start is 'When that server process began.';

create function upkeep.claim_lives(the_claim upkeep.claim, stale interval) returns boolean
language sql volatile as $$
    select
        the_claim.beaten_at > pg_catalog.clock_timestamp() - stale
        and (
            the_claim.session_pid is null
            -- Sessions of other roles hide when they began.
            or exists (
                select
                from pg_catalog.pg_stat_activity as session
                where session.pid = the_claim.session_pid
                and coalesce(session.backend_start, the_claim.session_start) = the_claim.session_start
            )
        )
$$;
comment on function upkeep.claim_lives is 'Whether the holder of a claim was heard of lately and its session is still there.';

create function upkeep.take_claims(the_names text[], the_token uuid, the_holder text, the_pid integer, stale interval)
returns setof upkeep.claim
language plpgsql as $$
begin
    -- One decides at a time, and no holder is renewed meanwhile.
    lock table upkeep.claim in share row exclusive mode;
    return query
    select claim.*
    from upkeep.claim
    where claim.name = any(the_names)
    and claim.token <> the_token
    and upkeep.claim_lives(claim, stale)
    order by claim.name;
    if found then
        return;
    end if;
    insert into upkeep.claim as had (name, token, holder, claimed_at, beaten_at, session_pid, session_start)
    select wanted.name, the_token, the_holder, pg_catalog.clock_timestamp(), pg_catalog.clock_timestamp(), mine.pid, mine.backend_start
    from (select distinct name from pg_catalog.unnest(the_names) as name) as wanted
    left join pg_catalog.pg_stat_activity as mine
    on mine.pid = the_pid and mine.pid = pg_catalog.pg_backend_pid()
    on conflict (name) do update set
        token = excluded.token,
        holder = excluded.holder,
        claimed_at = excluded.claimed_at,
        beaten_at = excluded.beaten_at,
        session_pid = excluded.session_pid,
        session_start = excluded.session_start;
end
$$;
comment on function upkeep.take_claims is
'Claim all of these names and return nothing, or none of them and return the claims of others that are in the way.';
