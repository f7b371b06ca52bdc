-- One SBOM with its document.
select
    kept.target,
    kept.window_end,
    kept.sha256,
    kept.document
from upkeep.sbom as kept
where kept.target = %(target)s
and kept.sha256 = %(sha256)s
order by kept.window_end desc
limit 1
