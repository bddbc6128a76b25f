-- labels: one row per shop and hour. label: will people queue there in the next hour? Times UTC.
-- Where the next hour is unknown the label is null, and unknown_because says why.
with next_hour as (
    select
        now.shop,
        now.opened_at,
        later.queue_minutes as next_minutes,
        max(now.opened_at) over (partition by now.shop) as last_opened_at
    from source as now
    left join source as later
        on later.shop = now.shop and later.opened_at = now.opened_at + interval 1 hour
),
labels as (
    select
        shop,
        opened_at,
        next_minutes > 0 as label,
        case
            when next_minutes is not null then null
            when opened_at = last_opened_at then 'the outcome is in the future'
            else 'the next hour is missing or in quarantine'
        end as unknown_because
    from next_hour
)
select * from labels
