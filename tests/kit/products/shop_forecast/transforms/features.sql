-- features: one row per shop and hour, all of it known at that hour. Times UTC.
-- Every hour of a shop gets a row, so the third row before is the third hour before.
with hours as (
    select shop, unnest(generate_series(min(opened_at), max(opened_at), interval 1 hour)) as hour
    from source
    group by shop
),
past as (
    select
        source.*,
        lag(visitors, 1) over hourly as visitors_1h_ago,
        lag(takings, 1) over hourly as takings_1h_ago,
        lag(temperature_c, 3) over hourly as temperature_c_3h_ago,
        lag(queue_minutes, 1) over hourly as queue_minutes_1h_ago,
        lag(queue_minutes, 3) over hourly as queue_minutes_3h_ago,
        sum(queue_minutes) over last_6 as queue_minutes_sum_6h,
        sum(case when queue_minutes > 0 then 1 else 0 end) over last_24 as queue_hours_24h
    from hours
    left join source on source.shop = hours.shop and source.opened_at = hours.hour
    window
        hourly as (partition by hours.shop order by hours.hour),
        last_6 as (partition by hours.shop order by hours.hour rows between 5 preceding and current row),
        last_24 as (partition by hours.shop order by hours.hour rows between 23 preceding and current row)
),
features as (
    select
        shop,
        opened_at,
        visitors,
        visitors - visitors_1h_ago as visitors_change_1h,
        buyers,
        takings,
        takings - takings_1h_ago as takings_change_1h,
        temperature_c,
        temperature_c - temperature_c_3h_ago as temperature_change_3h_c,
        promotion,
        case
            when hour(opened_at) >= 6 and hour(opened_at) < 12 then 'morning'
            when hour(opened_at) >= 12 and hour(opened_at) < 22 then 'evening'
            when hour(opened_at) >= 22 then 'night'
        end as part_of_day,
        sin(2 * pi() * hour(opened_at) / 24) as hour_sin,
        cos(2 * pi() * hour(opened_at) / 24) as hour_cos,
        queue_minutes,
        queue_minutes_1h_ago,
        queue_minutes_3h_ago,
        queue_minutes_sum_6h,
        cast(queue_hours_24h as integer) as queue_hours_24h
    from past
    where shop is not null -- the hours without a count have served
)
select * from features
