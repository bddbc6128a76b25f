-- labels: one row per shop and hour. label: how crowded is it in the next hour? Times UTC.
-- Where the next hour is unknown the label is null, and unknown_because says why.
with next_hour as (
    select
        now.shop,
        now.opened_at,
        later.visitors as next_visitors,
        max(now.opened_at) over (partition by now.shop) as last_opened_at
    from source as now
    left join source as later
        on later.shop = now.shop and later.opened_at = now.opened_at + interval 1 hour
),
labels as (
    select
        shop,
        opened_at,
        case when next_visitors < 40 then 'quiet' when next_visitors < 80 then 'busy'
            when next_visitors >= 80 then 'Quite Full' end as label,
        case
            when next_visitors is not null then null
            when opened_at = last_opened_at then 'the outcome is in the future'
            else 'the next hour is missing or in quarantine'
        end as unknown_because
    from next_hour
)
select * from labels
