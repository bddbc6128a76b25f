select voter, gender, dem, rep, persfinance, natlecon, clintondis, bushdis, perotdis
from (select *, case when female = 1 then 'female' else 'male' end as gender from votes)
