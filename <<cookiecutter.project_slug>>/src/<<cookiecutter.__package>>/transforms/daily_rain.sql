-- daily_rain: one row per station and UTC day. Rain in millimetres.
-- It runs on the rows of one partition (a month) at a time, so it cannot use rows of another one.
with hours as (
    select station, date_trunc('day', observed_at) as day, precipitation_mm from weather
),
days as (
    select
        station,
        cast(day as timestamp) as day,
        count(*) as hours_observed,
        round(sum(precipitation_mm), 2) as rain_mm,
        cast(sum(case when precipitation_mm > 0 then 1 else 0 end) as integer) as wet_hours,
        round(max(precipitation_mm), 2) as heaviest_hour_mm
    from hours
    group by station, day
)
select * from days
