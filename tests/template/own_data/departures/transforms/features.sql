-- What is known of an airport at the full hour: how many flights left in the hours before.
select
    origin,
    hour_began,
    hour(hour_began) as hour_of_day,
    departures,
    lag(departures, 1) over by_origin as departures_1h_ago,
    lag(departures, 23) over by_origin as departures_23h_ago,
    lag(departures, 167) over by_origin as departures_167h_ago
from hours
window by_origin as (partition by origin order by hour_began)
