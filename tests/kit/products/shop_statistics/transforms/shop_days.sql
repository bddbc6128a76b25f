-- shop_days: one row per shop and UTC day. Queues in minutes.
with hours as (
    select shop, date_trunc('day', opened_at) as day, queue_minutes from source
),
days as (
    select
        shop,
        cast(day as timestamp) as day,
        count(*) as hours_counted,
        round(sum(queue_minutes), 2) as queue_minutes,
        cast(sum(case when queue_minutes > 0 then 1 else 0 end) as integer) as queue_hours,
        round(max(queue_minutes), 2) as longest_minutes
    from hours
    group by shop, day
)
select * from days
