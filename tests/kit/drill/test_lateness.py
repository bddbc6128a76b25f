"""How late the machine is: the median of what was measured, and how much longer a drill waits for it."""

import time

import pytest

from datadevops.drill.lateness import Lateness


def measured(*found):
    """What was measured at these times: seconds late."""
    lateness = Lateness()
    lateness.read(f"{at} {late}" for at, late in found)
    return lateness


def test_it_is_as_late_as_the_median_of_what_was_measured_from_then_on():
    found = measured((100, 0.5), (200, 0.001), (210, 0.003), (220, 0.1))

    assert len(found) == 4
    assert (found.since(200), found.since(201)) == (0.003, pytest.approx(0.0515))
    assert found.since(221) == 0


FACTORS = {  # seconds late, of work that takes 5 ms -> how many times as long a drill waits
    "on time": (0.0, 1),
    "as late as the work takes": (0.005, 2),
    "twice as late": (0.01, 3),
    "later than anybody waits": (1.0, 4),
}


@pytest.mark.parametrize(("late", "factor"), FACTORS.values(), ids=FACTORS)
def test_a_drill_waits_as_many_times_as_long_as_things_take_now(late, factor):
    now = time.time()

    assert measured((now - 30, 0.5), (now - 10, late), (now, late)).factor() == pytest.approx(factor)
    assert Lateness().factor() == 1
