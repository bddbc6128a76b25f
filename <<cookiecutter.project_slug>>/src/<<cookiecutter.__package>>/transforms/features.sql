-- features: one row per station and hour, all of it known at that hour. Times UTC.
-- lag() counts rows, so every hour of a station gets a row first: then the third row before is the third hour
-- before, and a missing hour gives null. (The contract asks for full hours.) A rolling sum takes the hours it
-- finds, so after a gap it covers fewer. It is never null, because the current hour is always there.
with hours as (
    select station, unnest(generate_series(min(observed_at), max(observed_at), interval 1 hour)) as hour
    from weather
    group by station
),
past as (
    select
        weather.*,
        longitude_deg,
        precipitation_mm as rain_mm,
        lag(precipitation_mm, 1) over hourly as rain_mm_1h_ago,
        lag(precipitation_mm, 2) over hourly as rain_mm_2h_ago,
        lag(precipitation_mm, 3) over hourly as rain_mm_3h_ago,
        lag(humidity_pct, 1) over hourly as humidity_pct_1h_ago,
        lag(humidity_pct, 3) over hourly as humidity_pct_3h_ago,
        lag(pressure_hpa, 3) over hourly as pressure_hpa_3h_ago,
        lag(pressure_hpa, 6) over hourly as pressure_hpa_6h_ago,
        lag(visibility_km, 1) over hourly as visibility_km_1h_ago,
        lag(visibility_km, 3) over hourly as visibility_km_3h_ago,
        lag(temperature_c, 3) over hourly as temperature_c_3h_ago,
        sum(precipitation_mm) over last_3 as rain_mm_sum_3h,
        sum(precipitation_mm) over last_6 as rain_mm_sum_6h,
        sum(precipitation_mm) over last_12 as rain_mm_sum_12h,
        sum(precipitation_mm) over last_24 as rain_mm_sum_24h,
        sum(case when precipitation_mm > 0 then 1 else 0 end) over last_6 as wet_hours_6h,
        sum(case when precipitation_mm > 0 then 1 else 0 end) over last_24 as wet_hours_24h
    from hours
    left join weather on weather.station = hours.station and weather.observed_at = hours.hour
    left join airports on airports.station = hours.station
    window
        hourly as (partition by hours.station order by hours.hour),
        last_3 as (partition by hours.station order by hours.hour rows between 2 preceding and current row),
        last_6 as (partition by hours.station order by hours.hour rows between 5 preceding and current row),
        last_12 as (partition by hours.station order by hours.hour rows between 11 preceding and current row),
        last_24 as (partition by hours.station order by hours.hour rows between 23 preceding and current row)
),
features as (
    select
        station,
        observed_at,
        temperature_c,
        dew_point_c,
        temperature_c - dew_point_c as spread_c,
        temperature_c - temperature_c_3h_ago as temperature_change_3h_c,
        humidity_pct,
        humidity_pct - humidity_pct_1h_ago as humidity_change_1h_pct,
        humidity_pct - humidity_pct_3h_ago as humidity_change_3h_pct,
        pressure_hpa,
        pressure_hpa - pressure_hpa_3h_ago as pressure_change_3h_hpa,
        pressure_hpa - pressure_hpa_6h_ago as pressure_change_6h_hpa,
        visibility_km,
        visibility_km - visibility_km_1h_ago as visibility_change_1h_km,
        visibility_km - visibility_km_3h_ago as visibility_change_3h_km,
        wind_speed_ms,
        wind_gust_ms,
        case
            when wind_direction_deg = 0 then 'calm'
            when wind_direction_deg >= 315 or wind_direction_deg < 45 then 'north'
            when wind_direction_deg < 135 then 'east'
            when wind_direction_deg < 225 then 'south'
            when wind_direction_deg < 315 then 'west'
        end as wind_sector,
        sin(2 * pi() * (hour(observed_at) + longitude_deg / 15) / 24) as hour_sin, -- at noon the sun is highest
        cos(2 * pi() * (hour(observed_at) + longitude_deg / 15) / 24) as hour_cos,
        rain_mm,
        rain_mm_1h_ago,
        rain_mm_2h_ago,
        rain_mm_3h_ago,
        rain_mm_sum_3h,
        rain_mm_sum_6h,
        rain_mm_sum_12h,
        rain_mm_sum_24h,
        cast(wet_hours_6h as integer) as wet_hours_6h,
        cast(wet_hours_24h as integer) as wet_hours_24h
    from past
    where station is not null -- drop the hours without an observation again
)
select * from features
