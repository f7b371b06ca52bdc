-- A commit that came with a deployment.
insert into upkeep.deployment_change (service, environment, deployment, commit_id, committed_at)
values (%s, %s, %s, %s, %s)
on conflict do nothing
