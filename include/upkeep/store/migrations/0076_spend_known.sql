-- The months are looked at once: before the table has statistics they were looked at again for each of its rows, which cost the square of them.
create or replace function upkeep.spend_known(the_account text, first_day date, last_day date, known_by timestamptz)
returns setof upkeep.spend
language sql stable as $$
    with said as materialized (
        select
            spend.billing_period,
            min(spend.said_at) as first_said
        from upkeep.spend
        where spend.account = the_account
        and spend.day >= date_trunc('month', first_day)
        and spend.day < date_trunc('month', last_day) + interval '1 month'
        group by spend.billing_period
    ),
    newest as (
        select distinct on (spend.day, spend.key) spend.*
        from upkeep.spend
        inner join said
            on said.billing_period = spend.billing_period
        where spend.account = the_account
        and spend.day between first_day and last_day
        and spend.said_at <= greatest(known_by, said.first_said)
        order by
            spend.day,
            spend.key,
            spend.version desc
    )
    select newest.*
    from newest
    where newest.source_rows > 0
$$;
