-- labels: one row per station and hour. label: does it rain at that station within the next hour?
-- Times UTC. Where the next hour is unknown the label is null, and unknown_because says why.
with next_hour as (
    select
        station,
        observed_at,
        max(precipitation_mm) over (partition by station order by observed_at
            range between interval 1 hour following and interval 1 hour following) as next_mm,
        max(observed_at) over (partition by station) as last_observed_at
    from source
),
labels as (
    select
        station,
        observed_at,
        next_mm > 0 as label,
        case
            when next_mm is not null then null
            when observed_at = last_observed_at then 'the outcome lies in the future'
            else 'the next hour is missing or in quarantine'
        end as unknown_because
    from next_hour
)
select * from labels
