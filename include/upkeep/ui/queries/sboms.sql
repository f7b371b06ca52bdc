-- SBOMs that are kept, newest first, without their documents.
select
    kept.target,
    kept.window_start,
    kept.window_end,
    kept.format,
    kept.commit,
    kept.packages,
    kept.sha256,
    octet_length(kept.document) as bytes,
    count(*) over () as total
from upkeep.sbom as kept
where %(target)s::text is null or kept.target = %(target)s
order by
    kept.window_end desc,
    kept.target,
    kept.window_start,
    kept.duty
limit %(limit)s
offset %(offset)s
