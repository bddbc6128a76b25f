"""Every YAML file that the kit reads is read strictly: what is written twice is not lost."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import datadevops
from datadevops import yaml_file
from datadevops.contract import odcs
from datadevops.errors import ContractError, SloError
from datadevops.ops import openslo

KIT = Path(datadevops.__file__).parent
KEYS = st.text("abcxyz: #'\"é", min_size=1, max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab: -\n", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


def quoted(text):
    """Text as YAML."""
    return yaml.safe_dump(text, default_style='"', width=10_000).strip()


def in_one_line(value):
    """A value as YAML."""
    return yaml.safe_dump(value, default_flow_style=True, width=10_000).strip().removesuffix("\n...")


@settings(max_examples=50, deadline=None)
@given(VALUES, st.booleans())
def test_a_file_without_repeated_keys_is_read_as_yaml_says(value, flow):
    assert yaml_file.document(yaml.safe_dump(value, default_flow_style=flow)) == value


@settings(max_examples=50, deadline=None)
@given(
    st.lists(KEYS, max_size=4), st.dictionaries(KEYS, VALUES, min_size=1, max_size=4), VALUES, st.booleans()
)
def test_any_repeated_key_is_refused_wherever_it_is(above, mapping, value, flow):
    key = list(mapping)[-1]
    entries = [*mapping.items(), (key, value)]
    # As a list of one, without its brackets: a text that begins with a colon gets the quotes it needs there.
    written = [f"{quoted(name)}: {in_one_line([each])[1:-1]}" for name, each in entries]
    text = "{" + ",\n ".join(written) + "}" if flow else "\n".join(written)
    for name in above:
        text = f"{quoted(name)}:\n  " + text.replace("\n", "\n  ")

    with pytest.raises(yaml.YAMLError, match=re.escape(f"the key {key!r} is repeated in one mapping")):
        yaml_file.document(text)


REPEATED = {
    "apart": ("a: 1\nb: 2\na: 1", ["lines 1 and 3: the key 'a'"]),
    "three times": ("a: 1\na: 2\na: 3", ["lines 1 and 2 and 3: the key 'a'"]),
    "with and without quotes": ("a: 1\n'a': 2", ["lines 1 and 2: the key 'a'"]),
    "in a flow mapping": ("x: {a: 1, a: 2}", ["lines 1 and 1: the key 'a'"]),
    "in a list": ("- x: 1\n- y: 1\n  y: 2", ["lines 2 and 3: the key 'y'"]),
    "in a mapping that is merged": ("x: &x\n  a: 1\n  a: 2\ny:\n  <<: *x", ["lines 2 and 3: the key 'a'"]),
    "a merge": ("x: &x {a: 1}\ny: &y {b: 1}\nz:\n  <<: *x\n  <<: *y", ["lines 4 and 5: the key '<<'"]),
    "in the second document": ("a: 1\n---\na: 1\na: 1", ["lines 3 and 4: the key 'a'"]),
    "in two mappings": (
        "a: {b: 1, b: 2}\na: 3",
        ["lines 1 and 1: the key 'b'", "lines 1 and 2: the key 'a'"],
    ),
}


@pytest.mark.parametrize(("text", "told"), REPEATED.values(), ids=REPEATED)
def test_a_repeated_key_is_named_with_its_lines(text, told):
    with pytest.raises(yaml.YAMLError) as error:
        yaml_file.documents(text)

    assert [line for line in told if line not in str(error.value)] == []
    assert str(error.value).count("is repeated") == len(told)


READ = {
    "a merge, and a key of one's own instead": ("x: &x {a: 1, b: 2}\ny: {<<: *x, a: 3}", {"a": 3, "b": 2}),
    "merges of which the first wins": ("x: [&x {a: 1}, &z {a: 2}]\ny: {<<: [*x, *z]}", {"a": 1}),
    "an alias twice": ("x: &x {a: 1}\ny: [*x, *x]", [{"a": 1}, {"a": 1}]),
    "a day": ("y: 2024-02-29", "2024-02-29"),
    "a time": ("y: 2024-02-29T10:00:00Z", "2024-02-29T10:00:00Z"),
    "a day that no calendar has": ("y: 2024-02-31", "2024-02-31"),
    "a key that begins as a merge": ("y: {'<': 1, '=': 2}", {"<": 1, "=": 2}),
}


@pytest.mark.parametrize(("text", "value"), READ.values(), ids=READ)
def test_aliases_merges_and_dates_are_read(text, value):
    assert yaml_file.document(text)["y"] == value


REFUSED = {
    "a switch as a key": ("on: 1", "line 1: `on` is not text, but a key"),
    "a number as a key": ("a: 1\n1: 2", "line 2: `1` is not text"),
    "nothing as a key": ("? \n: 1", "line 1: `` is not text"),
    "a list as a key": ("? [a]\n: 1", "line 1: a list or a mapping is not text"),
    "a tab": ("a:\n\tb: 1", "line 2"),
    "an alias of nothing": ("a: *b", "undefined alias"),
    "an alias within itself": ("a: &a\n  - *a", "line 1: an alias stands inside of what"),
    "a depth without end": ("[" * 999 + "]" * 999, "nested too deeply"),
    "a depth without end of lists": ("- " * 100_000, "nest"),
    "a depth without end of flow": ("[" * 100_000, "nest"),
    "a number without an end": ("a: 1\nb: -.inf", "line 2: -.inf is not a finite number"),
    "a number beyond the largest": ("a: 1.0e+999", "line 1: 1.0e+999 is not a finite number"),
    "a number that is none": ("a: .nan", "line 1: .nan is not a finite number"),
    "a number in name only": ("a: !!float abc", "could not convert string to float: 'abc'"),
    "a whole number in name only": ("a: !!int x", "invalid literal"),
    "two documents": ("a: 1\n---\nb: 1", "holds 2 documents"),
    "a code": ("a: !!python/object:os.system {}", "could not determine a constructor"),
}


@pytest.mark.parametrize(("text", "told"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_one_way_only_is_refused(text, told):
    with pytest.raises(yaml.YAMLError, match=re.escape(told)):
        yaml_file.document(text)


def test_a_contract_with_a_limit_from_either_side_of_a_merge_is_refused(edited):
    path = edited()
    text = path.read_text().replace("      maximum: 100\n", "      maximum: 100\n      maximum: 900\n", 1)
    path.write_text(text)

    with pytest.raises(ContractError) as error:
        odcs.load(path)

    line = text.splitlines().index("      maximum: 100") + 1
    assert error.value.id == "CT001"
    assert f"orders.yaml cannot be read: lines {line} and {line + 1}: the key 'maximum'" in str(error.value)


def test_objectives_with_a_repeated_target_are_refused(tmp_path):
    path = tmp_path / "slo.yaml"
    path.write_text("x: 1\nx: 2\n")

    with pytest.raises(SloError, match=r"OP001.*slo\.yaml cannot be read: lines 1 and 2: the key 'x'"):
        openslo.documents(path)


def test_no_other_module_reads_yaml():
    readers = [
        path.name
        for path in KIT.rglob("*.py")
        if re.search(r"yaml\.(safe_|full_|unsafe_)?load", path.read_text())
    ]

    assert readers == []
