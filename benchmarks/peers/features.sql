-- What every peer makes: one row per station and hour, UTC; sums and earlier values of rain, two differences.
with hours as (
    select
        station,
        unnest(generate_series(min(observed_at), max(observed_at), interval 1 hour)) as hour
    from source
    group by station
)
select
    source.*,
    sum(precipitation_mm) over last_3 as rain_mm_sum_3h,
    sum(precipitation_mm) over last_6 as rain_mm_sum_6h,
    sum(precipitation_mm) over last_12 as rain_mm_sum_12h,
    sum(precipitation_mm) over last_24 as rain_mm_sum_24h,
    lag(precipitation_mm, 1) over hourly as precipitation_mm_1h_ago,
    lag(precipitation_mm, 3) over hourly as precipitation_mm_3h_ago,
    temperature_c - dew_point_c as spread_c,
    pressure_hpa - lag(pressure_hpa, 3) over hourly as pressure_change_3h_hpa
from hours
left join source on source.station = hours.station and source.observed_at = hours.hour
window
    hourly as (partition by hours.station order by hours.hour),
    last_3 as (partition by hours.station
        order by hours.hour rows between 2 preceding and current row),
    last_6 as (partition by hours.station
        order by hours.hour rows between 5 preceding and current row),
    last_12 as (partition by hours.station
        order by hours.hour rows between 11 preceding and current row),
    last_24 as (partition by hours.station
        order by hours.hour rows between 23 preceding and current row)
qualify source.station is not null
