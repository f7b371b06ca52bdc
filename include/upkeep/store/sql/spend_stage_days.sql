create temporary table spend_days (first_day date not null, last_day date not null) on commit drop
