create index dependency_by_age on upkeep.dependency (window_end);
