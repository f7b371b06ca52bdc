-- What is known of the ledger without sorting it: nearly every row has one version, so that it is enough to look for a later one.
create index spend_said_again on upkeep.spend (account, day, key, version) where version > 1;

create or replace view upkeep.spend_now as
select newest.*
from upkeep.spend as newest
where newest.source_rows > 0
and not exists (
    select
    from upkeep.spend as later
    where later.account = newest.account
    and later.day = newest.day
    and later.key = newest.key
    and later.version = newest.version + 1
    and later.version > 1
);

create or replace function upkeep.spend_known(the_account text, first_day date, last_day date, known_by timestamptz)
returns setof upkeep.spend
language sql stable as $$
    with said as materialized (
        select
            spend.billing_period,
            greatest(known_by, min(spend.said_at)) as until
        from upkeep.spend
        where spend.account = the_account
        and spend.day >= date_trunc('month', first_day)
        and spend.day < date_trunc('month', last_day) + interval '1 month'
        group by spend.billing_period
    )
    select newest.*
    from upkeep.spend as newest
    inner join said
        on said.billing_period = newest.billing_period
    where newest.account = the_account
    and newest.day between first_day and last_day
    and newest.said_at <= said.until
    and newest.source_rows > 0
    and not exists (
        select
        from upkeep.spend as later
        where later.account = the_account
        and later.day between first_day and last_day
        and later.day = newest.day
        and later.key = newest.key
        and later.version > newest.version
        and later.version > 1
        and later.said_at <= said.until
    )
$$;
