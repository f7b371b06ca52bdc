-- Pairs of duty and target without an answer in the newest window of their cadence, and duties and targets without a partner.
-- The same as the view unasked, made for many targets: one pass over the newest answers instead of a look for each pair.
with answered as materialized (
    select
        duty,
        target
    from upkeep.current_answer
)

select
    case when run.cadence is null then 'its cadence has never run' else 'no answer in the newest window' end as why,
    duty.name as duty,
    count(*) as pairs,
    (array_agg(target.name order by target.name))[1:3] as targets
from upkeep.duty as duty
inner join upkeep.target as target
    on target.kind = duty.target_kind
    and target.active
left join upkeep.latest_run as run
    on run.cadence = duty.cadence
left join answered
    on answered.duty = duty.name
    and answered.target = target.name
where duty.active
and answered.duty is null
group by
    run.cadence is null,
    duty.name
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
