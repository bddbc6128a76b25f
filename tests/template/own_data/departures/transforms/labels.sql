with following as (
    select *, lead(departures) over (partition by origin order by hour_began) as next from hours
)
select
    origin,
    hour_began,
    next as label,
    case when next is null then 'not known yet' end as unknown_because
from following
