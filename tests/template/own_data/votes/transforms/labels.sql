select voter, case when female = 1 then 'female' else 'male' end as gender, vote as label, cast(null as varchar) as unknown_because
from votes
