-- Old rows go: values of metric once they are rolled up by day. Answers, findings, reports and rolled-up days are kept.

create index answer_evidence on upkeep.answer (window_end) where evidence <> '{}';
create index message_by_change on upkeep.message (changed_at);

create function upkeep.old_metric_days(the_day date, cadences text[], days date[], most integer)
returns table (duty text, target text, day date)
language sql stable as $$
    select
        metric.duty,
        metric.target,
        placed.day
    from upkeep.metric as metric
    cross join lateral (
        select (least(metric.at, metric.window_end - interval '1 microsecond') at time zone 'UTC')::date as day
    ) as placed
    left join upkeep.duty as duty
        on duty.name = metric.duty
    left join unnest(cadences, days) as longer (cadence, day)
        on longer.cadence = duty.cadence
    cross join lateral (
        select least(the_day, longer.day) as day
    ) as own
    where metric.at <= the_day::timestamp at time zone 'UTC'
    and placed.day < own.day
    group by
        metric.duty,
        metric.target,
        placed.day,
        own.day
    -- A window goes as a whole, so that its numbers can be compared until then.
    having max(metric.window_end) <= own.day::timestamp at time zone 'UTC'
    order by
        placed.day,
        metric.duty,
        metric.target
    limit most
$$;
comment on function upkeep.old_metric_days is
'Duties, targets and days (UTC) that have values in metric, all of windows that ended before a day; the oldest first. Duties of some cadences have an earlier day of their own.';

-- One statement drops the values and rolls up those very values: nothing that comes in meanwhile is dropped unrolled.
create function upkeep.retire_metrics(the_duty text, the_target text, the_day date) returns bigint
language plpgsql as $$
declare
    retired bigint;
begin
    perform pg_advisory_xact_lock(hashtextextended('upkeep.retire_metrics', 0));
    with gone as (
        delete from upkeep.metric as metric
        where metric.duty = the_duty
        and metric.target = the_target
        and metric.at >= the_day::timestamp at time zone 'UTC'
        and metric.at <= (the_day + 1)::timestamp at time zone 'UTC'
        and (least(metric.at, metric.window_end - interval '1 microsecond') at time zone 'UTC')::date = the_day
        returning
            metric.name,
            metric.labels,
            metric.at,
            metric.window_start,
            metric.window_end,
            metric.unit,
            metric.value,
            metric.numerator,
            metric.denominator
    ),

    once as (
        select distinct on (gone.name, gone.labels, gone.at) gone.*
        from gone
        order by
            gone.name,
            gone.labels,
            gone.at,
            gone.window_end desc,
            gone.window_start desc
    ),

    rolled as (
        insert into upkeep.metric_day as old (
            duty, target, day, name, labels, unit, min, max, avg, sum, n, last, numerator, denominator, raw_dropped
        )
        select
            the_duty,
            the_target,
            the_day,
            once.name,
            once.labels,
            min(once.unit),
            min(once.value),
            max(once.value),
            avg(once.value),
            sum(once.value),
            count(*),
            (array_agg(once.value order by once.at desc))[1],
            sum(once.numerator),
            sum(once.denominator),
            true
        from once
        group by
            once.name,
            once.labels
        on conflict (duty, target, day, name, labels) do update
        set
            unit = excluded.unit,
            min = excluded.min,
            max = excluded.max,
            avg = excluded.avg,
            sum = excluded.sum,
            n = excluded.n,
            last = excluded.last,
            numerator = excluded.numerator,
            denominator = excluded.denominator,
            raw_dropped = true
    )

    select count(*)
    into retired
    from gone;
    update upkeep.metric_day as old
    set raw_dropped = true
    where old.duty = the_duty
    and old.target = the_target
    and old.day = the_day
    and not old.raw_dropped;
    return retired;
end
$$;
comment on function upkeep.retire_metrics is
'Roll up the values of a duty, target and day (UTC), drop them, and say how many there were. Either both or neither happens.';

create function upkeep.drop_empty_metric_months(before date) returns text[]
language plpgsql as $$
declare
    month text;
    used boolean;
    dropped text[] := '{}';
begin
    perform pg_advisory_xact_lock(hashtext('upkeep.metric partitions'));
    perform set_config('lock_timeout', '2s', true);
    for month in
        select partition.relname
        from pg_inherits as child
        inner join pg_class as partition
            on partition.oid = child.inhrelid
        where child.inhparent = 'upkeep.metric'::regclass
        and partition.relname < 'metric_' || to_char(before, 'YYYY_MM')
        order by partition.relname
    loop
        begin
            execute format('select exists (select from upkeep.%I)', month) into used;
            continue when used;
            execute format('lock table upkeep.%I in access exclusive mode', month);
            execute format('select exists (select from upkeep.%I)', month) into used;
            if not used then
                execute format('drop table upkeep.%I', month);
                dropped := dropped || month;
            end if;
        exception
            when lock_not_available then
                -- Somebody reads it: there is another day.
                continue;
        end;
    end loop;
    return dropped;
end
$$;
comment on function upkeep.drop_empty_metric_months is
'Drop the partitions of metric for months before the one of a day that hold nothing, and say which. One that is in use is left for another time.';
