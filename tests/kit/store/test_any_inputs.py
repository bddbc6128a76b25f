"""The same inputs make the same version, whatever their order; any other input makes another one."""

import math
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from datadevops.store.versions import version_of

CELLS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text('aB1 é"\0雪', max_size=8)
    | st.sampled_from([0, 0.0, False, "0", "", 1, 1.0, True, "1", 2**53, 2**53 + 1])
)
VALUES = st.recursive(
    CELLS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
INPUTS = st.dictionaries(st.text(max_size=6), VALUES, min_size=1, max_size=5)


def turned(value):
    """The same, every mapping in the opposite order."""
    if isinstance(value, dict):
        return {name: turned(value[name]) for name in reversed(value)}
    return [turned(each) for each in value] if isinstance(value, list) else value


def told_apart(value):
    """The value with its types: 1, 1.0 and True are equal in Python."""
    if isinstance(value, dict):
        return tuple((name, told_apart(value[name])) for name in sorted(value))
    return [told_apart(each) for each in value] if isinstance(value, list) else repr(value)


def close(value):
    """Other values that somebody could take for this one."""
    if isinstance(value, str):
        return [value.swapcase(), f"{value} ", f"{value}\0", unicodedata.normalize("NFD", value)]
    if isinstance(value, bool) or value is None:
        return [str(value).lower(), int(bool(value)), not value]
    if isinstance(value, int):
        return [value + 1, str(value), bool(value)]
    if isinstance(value, float):
        return [math.nextafter(value, math.inf), repr(value), str(value)[:-2]]
    return [[*value, None], [value], None] if isinstance(value, list) else [value | {"": None}, [value]]


@settings(max_examples=50, deadline=None, database=None, derandomize=True)
@given(INPUTS)
def test_the_order_of_the_inputs_makes_no_other_version(inputs):
    assert version_of(turned(inputs)) == version_of(inputs)


@settings(max_examples=100, deadline=None, database=None, derandomize=True)
@given(INPUTS)
def test_any_other_value_makes_another_version(inputs):
    for name, value in inputs.items():
        for other in close(value):
            same = told_apart(other) == told_apart(value)
            assert (version_of(inputs | {name: other}) == version_of(inputs)) is same
