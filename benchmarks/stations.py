"""The hourly weather of a thousand stations: three have fewer hours than a large run has rows.

In:       the sample's contract of a baked product.
Out:      the same contract for stations S000 to S999.
"""

from typing import Any

STATIONS = [f"S{number:03}" for number in range(1000)]


def many(contract: Any) -> Any:
    station, *others = contract.columns
    station = station.model_copy(update={"enum": tuple(STATIONS)})
    return contract.model_copy(update={"columns": (station, *others)})
