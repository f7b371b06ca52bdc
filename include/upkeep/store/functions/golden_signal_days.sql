create or replace function upkeep.golden_signal_days(since timestamptz, until timestamptz, services text[] default null)
returns setof upkeep.golden_signal
language sql stable as $$
    with days as (
        select
            signal,
            signal.duty,
            signal.target,
            signal.window_start,
            signal.window_end,
            coalesce(
                max(signal.window_end) over (
                    partition by signal.target
                    order by
                        signal.window_start,
                        signal.window_end
                    rows between unbounded preceding and 1 preceding
                ) > signal.window_start,
                false
            )
            or coalesce(
                lead(signal.window_start) over (
                    partition by signal.target
                    order by
                        signal.window_start,
                        signal.window_end
                ) < signal.window_end,
                false
            ) as overlaps
        from upkeep.golden_signal as signal
        where signal.duty = 'golden_signals'
        and signal.window_start >= since
        -- Follows from the line above, and an index serves it.
        and signal.window_end > since
        and signal.window_end <= until
        and (services is null or signal.target = any(services))
    ),

    overlapping as (
        select
            day.*,
            answer.asked_at
        from days as day
        inner join upkeep.answer as answer
            using (duty, target, window_start, window_end)
        where day.overlaps
    )

    select (day.signal).*
    from days as day
    where not day.overlaps
    union all
    select (day.signal).*
    from overlapping as day
    where not exists (
        select
        from overlapping as newer
        where newer.target = day.target
        and newer.window_start < day.window_end
        and newer.window_end > day.window_start
        and (newer.asked_at, newer.window_start) > (day.asked_at, day.window_start)
    )
$$;
comment on function upkeep.golden_signal_days is
'Days of services inside a span, of all or of those named, none of whose minutes counts twice: where windows overlap, as after a change of the schedule, the one that was asked last counts.';
