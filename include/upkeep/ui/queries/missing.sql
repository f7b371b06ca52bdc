-- Pairs of duty and target without an answer in the newest window of their cadence, and duties and targets without a partner.
-- The same as the view missing_answer, made for many targets: one pass over the newest answers instead of a look for each pair.
with silent as (
    select
        duty.name as duty,
        target.name as target
    from upkeep.duty as duty
    inner join upkeep.target as target
        on target.kind = duty.target_kind
        and target.active
    where duty.active
    except
    select
        answer.duty,
        answer.target
    from upkeep.latest_run as run
    inner join upkeep.answer as answer
        on answer.cadence = run.cadence
        and answer.window_end = run.window_end
        and answer.window_start = run.window_start
)

select
    case when run.cadence is null then 'its cadence has never run' else 'no answer in the newest window' end as why,
    silent.duty,
    count(*) as pairs,
    (array_agg(silent.target order by silent.target))[1:3] as targets
from silent
inner join upkeep.duty as duty
    on duty.name = silent.duty
left join upkeep.latest_run as run
    on run.cadence = duty.cadence
group by
    run.cadence is null,
    silent.duty
union all
select
    'no target of its kind (' || duty.target_kind || ')',
    duty.name,
    0,
    array[]::text[]
from upkeep.duty as duty
where duty.active
and not exists (
    select
    from upkeep.target as target
    where target.kind = duty.target_kind
    and target.active
)
union all
select
    'no duty asks its kind (' || target.kind || ')',
    null,
    count(*),
    (array_agg(target.name order by target.name))[1:3]
from upkeep.target as target
where target.active
and not exists (
    select
    from upkeep.duty as duty
    where duty.target_kind = target.kind
    and duty.active
)
group by target.kind
order by
    3 desc,
    1,
    2
