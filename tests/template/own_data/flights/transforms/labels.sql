select
    carrier,
    flight,
    time_hour,
    arr_delay > 15 as label,
    case when arr_delay is null then 'it never arrived' end as unknown_because
from flights
