-- labels: one row per house. label: what was paid, euros.
select
    owner,
    district,
    number,
    price as label,
    case when price is null then 'not sold yet' end as unknown_because
from source
