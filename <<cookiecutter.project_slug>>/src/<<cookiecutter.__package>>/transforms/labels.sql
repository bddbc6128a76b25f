-- labels: one row per station and hour. label: does it rain at that station within the next hour?
-- Times UTC. If the next hour is unknown, the label is null and unknown_because says why.
with next_hour as (
    select
        now.station,
        now.observed_at,
        later.precipitation_mm as next_mm,
        max(now.observed_at) over (partition by now.station) as last_observed_at
    from weather as now
    left join weather as later
        on later.station = now.station and later.observed_at = now.observed_at + interval 1 hour
),
labels as (
    select
        station,
        observed_at,
        next_mm > 0 as label,
        case
            when next_mm is not null then null
            when observed_at = last_observed_at then 'the outcome is in the future'
            else 'the next hour is missing or in quarantine'
        end as unknown_because
    from next_hour
)
select * from labels
