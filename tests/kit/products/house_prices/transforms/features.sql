-- features: one row per house.
select owner, district, number, area_m2, rooms from source
