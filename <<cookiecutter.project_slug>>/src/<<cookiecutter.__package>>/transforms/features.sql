-- features: one row per station and hour, all of it known at that hour. Times UTC.
-- Lags go by time, not by row: where an hour is missing, its lag is null. A rolling sum takes the
-- hours it finds, so after a gap it covers fewer; a sum of no hours would be null, and never is.
with rolling as (
    select
        *,
        sum(precipitation_mm) over last_3 as rain_mm_sum_3h,
        sum(precipitation_mm) over last_6 as rain_mm_sum_6h,
        sum(precipitation_mm) over last_12 as rain_mm_sum_12h,
        sum(precipitation_mm) over last_24 as rain_mm_sum_24h,
        sum(case when precipitation_mm > 0 then 1 else 0 end) over last_6 as wet_hours_6h,
        sum(case when precipitation_mm > 0 then 1 else 0 end) over last_24 as wet_hours_24h
    from source
    window
        last_3 as (partition by station order by observed_at
            range between interval 2 hour preceding and current row),
        last_6 as (partition by station order by observed_at
            range between interval 5 hour preceding and current row),
        last_12 as (partition by station order by observed_at
            range between interval 11 hour preceding and current row),
        last_24 as (partition by station order by observed_at
            range between interval 23 hour preceding and current row)
),
past as (
    select
        now.*,
        now.precipitation_mm as rain_mm,
        hour_1.precipitation_mm as rain_mm_1h_ago,
        hour_2.precipitation_mm as rain_mm_2h_ago,
        hour_3.precipitation_mm as rain_mm_3h_ago,
        hour_1.humidity_pct as humidity_pct_1h_ago,
        hour_3.humidity_pct as humidity_pct_3h_ago,
        hour_3.pressure_hpa as pressure_hpa_3h_ago,
        hour_6.pressure_hpa as pressure_hpa_6h_ago,
        hour_1.visibility_km as visibility_km_1h_ago,
        hour_3.visibility_km as visibility_km_3h_ago,
        hour_3.temperature_c as temperature_c_3h_ago
    from rolling as now
    left join source as hour_1
        on hour_1.station = now.station and hour_1.observed_at = now.observed_at - interval 1 hour
    left join source as hour_2
        on hour_2.station = now.station and hour_2.observed_at = now.observed_at - interval 2 hour
    left join source as hour_3
        on hour_3.station = now.station and hour_3.observed_at = now.observed_at - interval 3 hour
    left join source as hour_6
        on hour_6.station = now.station and hour_6.observed_at = now.observed_at - interval 6 hour
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
        sin(2 * pi() * hour(observed_at) / 24) as hour_sin,
        cos(2 * pi() * hour(observed_at) / 24) as hour_cos,
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
)
select * from features
