-- The changes of one deployment go, to be written anew.
delete from upkeep.deployment_change
where service = %s
and environment = %s
and deployment = %s
