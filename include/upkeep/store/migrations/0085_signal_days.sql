-- Days of services, deployments and the scorecard, in a time that grows with what is asked for: with some hundred services each of
-- their days was compared with every other, and so was each deployment that ever was.

drop function upkeep.golden_signal_days(timestamptz, timestamptz);
drop function upkeep.live_deployments(timestamptz);

drop index upkeep.deployment_by_time;
create index deployment_by_time on upkeep.deployment (service, environment, finished_at, deployment);
create index deployment_by_end on upkeep.deployment (finished_at);
create index deployment_by_what on upkeep.deployment (service, environment, coalesce(merged_as, commit_id, version), finished_at);
create index table_maintenance_by_moment on upkeep.table_maintenance (begun_at desc, id);
