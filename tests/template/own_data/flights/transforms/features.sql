-- What is known of a flight in the hour in which it should leave.
select
    flights.carrier,
    flights.flight,
    flights.time_hour,
    flights.origin,
    flights.hour,
    flights.minute,
    flights.distance,
    weather.temp,
    weather.wind_speed,
    weather.precip,
    weather.visib,
    airports.lat as destination_latitude,
    airports.alt as destination_altitude,
    planes.year as plane_built,
    planes.seats
from flights
left join weather on weather.origin = flights.origin and weather.time_hour = flights.time_hour
left join airports on airports.faa = flights.dest
left join planes on planes.tailnum = flights.tailnum
