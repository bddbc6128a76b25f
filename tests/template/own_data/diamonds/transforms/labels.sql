select number, price as label, cast(null as varchar) as unknown_because
from diamonds
