-- A fault has many names, and a waiver may use any of them.
create or replace function upkeep.waiver_for(the_duty text, the_target text, the_rule text, the_object text, the_day date)
returns table (id text, reason text, expires_on date, holds boolean)
language sql stable as $$
    select
        waiver.id,
        waiver.reason,
        waiver.expires_on,
        waiver.starts_on <= the_day and the_day < waiver.expires_on
    from upkeep.waiver as waiver
    where waiver.active
    and waiver.duty = the_duty
    and (waiver.target is null or waiver.target = the_target)
    and (waiver.rule is null or waiver.rule = the_rule)
    and (
        waiver.object is null
        or waiver.object = the_object
        or exists (
            select
            from upkeep.vulnerability as fault
            where fault.duty = the_duty
            and fault.target = the_target
            and fault.object = the_object
            and waiver.object = any(fault.also_called)
        )
    )
    order by
        waiver.starts_on <= the_day and the_day < waiver.expires_on desc,
        waiver.expires_on desc,
        waiver.id
    limit 1
$$;
