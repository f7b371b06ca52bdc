select
    file.name,
    file.stamp,
    file.reading,
    file.counts_for,
    file.first_day,
    file.last_day,
    file.source_rows
from upkeep.spend_file as file
where file.account = %(account)s
order by file.name
