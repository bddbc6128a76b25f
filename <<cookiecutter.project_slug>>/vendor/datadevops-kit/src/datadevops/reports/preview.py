"""What a run would do to the store, for `run --dry-run`.

In:       the store as it is, a copy of it in which the run was made, the facts of that run.
Out:      what would be read, made, judged, published, and deleted; dry_run.txt shows it.
Failure:  StoreError ST005 (a log is damaged).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..contract.values import Contract
from ..store import accepted, aliases
from ..store.versions import Store, stores

Facts = Mapping[str, Any]
Entry = dict[str, Any]


def preview(
    facts: Facts, contracts: Mapping[str, Contract], places: Mapping[str, str], before: Path, after: Path
) -> Entry:
    """`places`: source -> the path or address of its file. `before`, `after`: the store and its copy."""
    known, now = _versions(before), _versions(after)
    return {
        "read": {name: _read(before, name, each, places[name]) for name, each in facts["sources"].items()},
        "make": {name: _missing(ids, known.get(name, [])) for name, ids in _in_order(facts, now)},
        "judge": dict(_checks(facts, contracts)),
        "publish": [
            each | {"location": contracts[each["table"]].location if each["table"] in contracts else None}
            for each in _moved(before, after, now)
        ],
        "delete": {name: gone for name, ids in known.items() if (gone := _missing(ids, now.get(name, [])))},
    }


def _versions(root: Path) -> dict[str, list[str]]:
    """All versions of each table, the newest first; those of partitions too."""
    names = stores(root) if root.is_dir() else []
    parts = [f"{name}/partitions" for name in names if (root / name / "partitions").is_dir()]
    return {name: Store(root / name).versions() for name in [*names, *parts]}


def _missing(ids: list[str], known: list[str]) -> list[str]:
    return [each for each in ids if each not in known]


def _in_order(facts: Facts, now: Mapping[str, list[str]]) -> list[tuple[str, list[str]]]:
    """The tables in the order of the run, then all else that it makes; not its report, which has a time in
    it and so another name each time."""
    names = [name for name in dict.fromkeys([*facts["tables"], *now]) if name in now and name != "reports"]
    return [(name, now[name]) for name in names]


def _read(before: Path, name: str, source: Facts, place: str) -> Entry:
    seen = any(accepted.of_file(Store(before / name), source["sha256"]))
    state = "absent" if not source["delivered"] else "known" if seen else "new"
    kept = ("version", "arrived_at", "newest")
    return {"file": place, "state": state, **{each: source[each] for each in kept}}


def _checks(facts: Facts, contracts: Mapping[str, Contract]) -> Iterator[tuple[str, Entry]]:
    datasets = {name: each["check"] for name, each in facts.get("datasets", {}).items()}
    for name, check in (facts["checks"] | datasets).items():
        allowed = contracts[name].allowed_bad_ratio
        yield name, {"rows": check["read"], "bad": check["bad"], "allowed_bad_ratio": allowed}


def _moved(before: Path, after: Path, now: Mapping[str, list[str]]) -> Iterator[Entry]:
    """Each alias that would stand for another version."""
    for name in now:
        for alias in aliases.ALIASES:
            old, new = (_standing(root / name, alias) for root in (before, after))
            if new != old:
                yield {"table": name, "alias": alias, "version": new, "replaces": old}


def _standing(folder: Path, alias: str) -> str | None:
    standing = aliases.stack(Store(folder), alias)
    return standing[-1]["version"] if standing else None
