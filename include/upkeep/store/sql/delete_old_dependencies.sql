-- Delete a batch of packages that repositories locked long ago. The faults that were found, and each window's answer, stay.
delete from upkeep.dependency
where ctid = any(
    array(
        select ctid
        from upkeep.dependency
        where window_end < %(before)s
        order by window_end
        limit %(most)s
        for update skip locked
    )
)
