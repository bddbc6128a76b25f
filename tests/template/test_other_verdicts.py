"""What breaks consumers: our verdict beside that of `datacontract breaking`, and why the two differ.

Needs the package index: `tox -e contracts`.
"""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

import bake
from declaration import ROOT

Edit = Callable[[dict[str, Any]], object]
PROGRAM = """
import json, sys
from pathlib import Path
from datacontract.data_contract import DataContract
from datadevops.contract import compatibility, odcs
known, *others = sys.argv[1:]
old, theirs = odcs.load(Path(known)), DataContract(data_contract_file=known)
for path in others:
    ours = bool(compatibility.breaks(old, odcs.load(Path(path))))
    print(json.dumps([ours, theirs.breaking(DataContract(data_contract_file=path)).is_breaking]))
"""


class Pair(NamedTuple):
    edit: Edit  # of the contract
    ours: bool  # whether it breaks
    theirs: bool
    why: str = ""  # the two differ


def column(name: str, /, **entries: Any) -> Edit:
    """These entries of a column changed; None: left out."""

    def edit(contract: dict[str, Any]) -> None:
        (found,) = (each for each in contract["schema"][0]["properties"] if each["name"] == name)
        found.update(entries)
        for entry in [key for key, value in entries.items() if value is None]:
            del found[entry]

    return edit


def limits(name: str, **entries: Any) -> Edit:
    return column(name, logicalTypeOptions=entries)


def values(name: str, *allowed: int) -> Edit:
    return column(name, enum=[{"value": each} for each in allowed] or None)


def added(**entries: Any) -> Edit:
    return lambda contract: contract["schema"][0]["properties"].append(entries)


def rules(*found: dict[str, Any]) -> Edit:
    return lambda contract: contract["schema"][0].update(quality=list(found))


def whole(**entries: Any) -> Edit:
    return lambda contract: contract.update(entries)


def both(*edits: Edit) -> Edit:
    return lambda contract: [edit(contract) for edit in edits]


ROWS = {"metric": "rowCount", "mustBeGreaterThan": 0}
CHEAP = {
    "name": "discount_within_price",
    "type": "sql",
    "query": "SELECT COUNT(*) FROM ${object} WHERE discount > unit_price",
    "mustBe": 0,
}
FRESH = {"property": "freshness", "value": 3, "unit": "h", "element": "orders.ordered_at"}
KEPT = {"property": "retention", "value": 10, "unit": "d"}
SERVER = {"server": "all", "type": "s3", "location": "s3://a/orders"}
KNOWN = both(whole(slaProperties=[FRESH, KEPT], servers=[SERVER]), rules(ROWS, CHEAP))

LOST = "rows that were good go to quarantine, so consumers get fewer; it looks at the values only"
PAIRS = {
    "nothing": Pair(whole(), False, False),
    "a column less": Pair(column("weight_kg", name="mass_kg"), True, True),
    "a column more": Pair(added(name="tip", logicalType="number", required=True), False, False),
    "another type": Pair(column("quantity", logicalType="number"), True, True),
    "new nulls": Pair(column("quantity", required=False), True, True),
    "no nulls": Pair(column("note", required=True), False, False),
    "unique now": Pair(column("boxes", unique=True), False, False),
    "no longer unique": Pair(column("order_id", unique=False), True, True),
    "another key": Pair(column("quantity", primaryKey=True, primaryKeyPosition=3), True, True),
    "a higher maximum": Pair(limits("quantity", minimum=1, maximum=200), True, True),
    "a lower maximum": Pair(limits("quantity", minimum=1, maximum=50), True, False, LOST),
    "no maximum": Pair(limits("quantity", minimum=1), True, True),
    "a maximum in other words": Pair(limits("quantity", minimum=1, exclusiveMaximum=101), False, False),
    "another pattern": Pair(
        limits("sku", pattern="[A-Z]{2}[0-9]{3}|gift|none"),
        True,
        False,
        "values come that nobody expects; of two patterns it cannot say which is wider, and only warns",
    ),
    "a value more": Pair(values("stars", 1, 2, 3, 4), True, True),
    "a value less": Pair(values("stars", 1, 2), True, False, LOST),
    "another name at the source": Pair(
        column("quantity", physicalName="QTY"),
        False,
        True,
        "what we publish has the column's name; here the physicalName is only what a delivered file calls it",
    ),
    "another rule": Pair(
        rules(ROWS, CHEAP | {"query": "SELECT COUNT(*) FROM ${object} WHERE discount > 2 * unit_price"}),
        True,
        False,
        "nobody can say whether all that held before still holds, so we ask a person; it only warns",
    ),
    "a rule in other lines": Pair(
        rules(ROWS, CHEAP | {"query": str(CHEAP["query"]).replace(" WHERE", "\n  WHERE")}), False, False
    ),
    "a rule less": Pair(rules(ROWS), True, True),
    "older rows": Pair(whole(slaProperties=[FRESH | {"value": 4}, KEPT]), True, True),
    "newer rows": Pair(whole(slaProperties=[FRESH | {"value": 2}, KEPT]), False, False),
    "rows kept for less time": Pair(
        whole(slaProperties=[FRESH, KEPT | {"value": 5}]),
        True,
        False,
        "consumers count on it as on any promise; it grades only those that it can test",
    ),
    "another address": Pair(
        whole(servers=[SERVER | {"location": "s3://b/orders"}]),
        True,
        False,
        "consumers who read the old address get no new rows; to it a server is where a test connects",
    ),
    "a new major version": Pair(
        both(whole(version="3.0.0"), column("weight_kg", name="mass_kg")),
        False,
        True,
        "the first number of a version says that it may break; it does not look at versions",
    ),
    "a lower version": Pair(
        whole(version="2.0.0"),
        True,
        False,
        "consumers take what has a lower version for what they know; it does not look at versions",
    ),
}


def test_each_difference_has_its_reason_and_nothing_else_has_one() -> None:
    assert [name for name, pair in PAIRS.items() if bool(pair.why) != (pair.ours != pair.theirs)] == []


@pytest.mark.contracts
def test_the_two_verdicts_are_those_in_the_table(tmp_path: Path) -> None:
    known = yaml.safe_load((ROOT / "tests" / "kit" / "orders.yaml").read_text(encoding="utf-8"))
    KNOWN(known)
    files = [written(known, tmp_path / "known")]
    for name, pair in PAIRS.items():
        changed = copy.deepcopy(known)
        pair.edit(changed)
        files.append(written(changed, tmp_path / name))

    packages = ["--with", "datacontract-cli[duckdb,parquet]", "--with", "jsonschema-rs"]
    words = ["uv", "run", "--no-project", *packages, "python", "-c", PROGRAM]
    done = bake.run(
        *words, *files, cwd=tmp_path, PYTHONPATH=str(ROOT / "kit" / "src"), PYTHONDONTWRITEBYTECODE="1"
    )

    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    said = dict(zip(PAIRS, map(tuple, found), strict=True))
    assert said == {name: (pair.ours, pair.theirs) for name, pair in PAIRS.items()}


def written(contract: dict[str, Any], folder: Path) -> Path:
    """The contract in a file, as that of a dataset."""
    path = folder / "datasets" / "orders.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump(contract, sort_keys=False), encoding="utf-8")
    return path
