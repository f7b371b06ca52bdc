delete from upkeep.spend_file
where spend_file.account = %(account)s
and spend_file.name = any(%(names)s)
