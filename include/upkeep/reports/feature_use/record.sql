-- Records of features as their repositories had them at the end of a window, by the newest answer of the five weeks before it.
select
    record.target as repository,
    record.path,
    record.feature,
    record.stage,
    record.owner,
    record.missing
from upkeep.feature_record as record
inner join (
    select
        answer.duty,
        answer.target,
        max(answer.window_end) as window_end
    from upkeep.answer as answer
    where answer.duty = 'feature_gates'
    and answer.status <> 'unknown'
    and answer.window_end <= %(end)s
    and answer.window_end > %(end)s::timestamptz - interval '35 days'
    group by
        answer.duty,
        answer.target
) as newest
    on newest.duty = record.duty
    and newest.target = record.target
    and newest.window_end = record.window_end
order by
    record.target,
    record.path
