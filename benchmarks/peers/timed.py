"""What all peers share: the rules they hold, and how their work is timed.

In:       the paths of a parquet file of rows and of the features to write, as arguments of the script.
Out:      JSON on stdout: seconds, seconds of processor time, peak megabytes of the work alone.
Failure:  a traceback of the tool.
"""

import json
import resource
import sys
import time
import warnings
from collections.abc import Callable

STATIONS = [f"S{number:03}" for number in range(1000)]
BOUNDS = {
    "temperature_c": (-60, 60),
    "humidity_pct": (0, 100),
    "wind_speed_ms": (0, 120),
    "precipitation_mm": (0, 200),
    "visibility_km": (0, 20),
}


def timed(work: Callable[[str, str], object]) -> None:
    """Call `work(source, target)`; beside `target` it writes the good rows and the bad ones."""
    warnings.simplefilter("ignore")
    start, before = time.perf_counter(), time.process_time()
    work(*sys.argv[1:])
    seconds, used = time.perf_counter() - start, time.process_time() - before
    print(json.dumps([seconds, used, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
