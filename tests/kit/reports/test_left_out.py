"""Columns that a contract does not have are named in one line, however many they are."""

import pytest

from datadevops.reports import left_out

NAMES = [f"c{number}" for number in range(1, 100)]
ENDS = {1: "c1", 2: "c1, c2", 12: "c11, c12", 13: "c12 and 1 more", 99: "c12 and 87 more"}


@pytest.mark.parametrize(("count", "end"), ENDS.items())
def test_twelve_columns_are_named_and_the_others_are_counted(count, end):
    line = left_out.line(NAMES[:count])

    assert line.startswith(f"{count} column{'s are' if count > 1 else ' is'} not in the contract")
    assert line.endswith(end)
    assert line.count(", c") == min(count, 12) - 1
