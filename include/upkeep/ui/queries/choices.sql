-- What can be chosen in the filters.
select
    (select coalesce(array_agg(distinct owner order by owner), '{}') from upkeep.target where active) as owners,
    (select coalesce(array_agg(distinct area order by area), '{}') from upkeep.duty where active) as areas,
    (select coalesce(array_agg(distinct name order by name), '{}') from upkeep.duty where active) as duties,
    (
        select coalesce(array_agg(distinct tag order by tag), '{}')
        from upkeep.target as target
        cross join lateral unnest(target.tags) as tag
        where target.active
    ) as tags,
    (select count(*) from upkeep.target where active) as targets
