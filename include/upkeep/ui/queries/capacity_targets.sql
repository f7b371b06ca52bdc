-- Databases that have forecasts, by name.
select distinct target as name
from upkeep.capacity_forecast
order by target
