"""What a changed contract means for rows: it is run on those that are stored and good by the old one.

In:       an engine, the contract then and now, the stored rows.
Out:      an `Effect`: how many rows would newly go to quarantine, by which rule, with examples.
Failure:  none of its own: where the new contract cannot be run on the rows, the reason is the result.

Columns that the stored rows do not have, or whose type does not carry the new one, are left out: what the
next run makes of them is not known yet.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from ..contract.entries import Rule
from ..contract.kinds import carries, listed
from ..contract.values import Contract
from ..engine import checks
from ..engine.start import Engine
from ..errors import ProductError
from .stored import Stored

MOST_SHOWN = 3


@dataclass(frozen=True)
class Effect:
    why_not: str = ""  # nothing was measured
    version: str = ""  # whose rows were checked
    rows: int = 0  # of it, good by the old contract
    bad: int = 0  # of these that would go to quarantine
    by_rule: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)  # of rows that break a rule
    in_quarantine: dict[str, int] = field(default_factory=dict)  # rule -> rows that break it today
    left_out: list[str] = field(default_factory=list)  # columns, and rules that use them
    failures: list[str] = field(default_factory=list)  # rules about the whole table that do not hold
    partitions: int = 1  # in which the rows are stored
    is_refused: bool = False  # more rows are bad than the new contract allows
    is_new: bool = False  # the version was made by the contract as it is now


def of(engine: Engine, old: Contract, new: Contract, stored: Stored | None) -> Effect:
    """What the new contract means for the stored rows."""
    if stored is None:
        return Effect("no version of it is stored here")
    with TemporaryDirectory() as folder:
        try:
            _read_good(engine, old, stored.files, Path(folder))
            return _measured(engine, new, stored, Path(folder))
        except ProductError as error:
            return Effect(" ".join(error.message.split()), stored.version)


def _read_good(engine: Engine, old: Contract, files: Sequence[Path], folder: Path) -> None:
    """Make the rows that are good by the old contract known as its table; a rule that compares rows may judge
    stored ones otherwise than when others were beside them."""
    engine.read(old.name, files[0] if len(files) == 1 else _united(engine, files, folder / "stored.parquet"))
    checks.split(engine, _fitting(engine, old)[0], folder, part=True)
    engine.read(old.name, folder / f"{old.name}.parquet")


def _united(engine: Engine, files: Sequence[Path], target: Path) -> Path:
    """The rows of all files in one, with the columns that all have."""
    parts = {f"_part {number}": file for number, file in enumerate(files)}
    for part, file in parts.items():
        engine.read(part, file)
    found = [engine.types(f'from "{part}"') for part in parts]
    columns = listed(name for name in found[0] if all(name in each for each in found))
    engine.write(" union all ".join(f'select {columns} from "{part}"' for part in parts), target)
    return target


def _measured(engine: Engine, new: Contract, stored: Stored, folder: Path) -> Effect:
    fitting, left_out = _fitting(engine, new)
    ((rows,),) = engine.rows(f'select count(*) from "{new.name}"')
    (after := folder / "after").mkdir()
    result = checks.split(engine, fitting, after, part=not rows)
    quarantine = after / checks.QUARANTINE
    return Effect(
        version=stored.version,
        rows=rows,
        bad=result.bad,
        by_rule=result.broken,
        examples={
            rule: checks.examples(engine, fitting, quarantine, rule, MOST_SHOWN) for rule in result.broken
        },
        in_quarantine=stored.broken,
        left_out=left_out,
        failures=result.failures,
        partitions=len(stored.files),
        is_refused=new.refuses(stored.bad + result.bad, max(stored.read, rows)),
        is_new=stored.is_new,
    )


def _fitting(engine: Engine, contract: Contract) -> tuple[Contract, list[str]]:
    """The contract without what it says of columns that the rows do not have in a type that carries them;
    the names of these columns, and of the rules that use them."""
    found = engine.types(f'from "{contract.name}"')
    absent = [
        column.name for column in contract.columns if not carries(found.get(column.name, ""), column.type)
    ]
    if not absent:
        return contract, []
    uses_them = re.compile(rf"\b({'|'.join(absent)})\b")
    rules = [rule.name for rule in contract.rules("sql") if uses_them.search(rule.query)]
    key_is_whole = not set(absent) & set(contract.keys)
    columns = tuple(
        column.model_copy(
            update={"key": column.key and key_is_whole, "quality": _without(column.quality, rules)}
        )
        for column in contract.columns
        if column.name not in absent
    )
    kept = {"columns": columns, "quality": _without(contract.quality, rules)}
    return contract.model_copy(update=kept), absent + rules


def _without(quality: Sequence[Rule], names: Sequence[str]) -> tuple[Rule, ...]:
    return tuple(rule for rule in quality if rule.type != "sql" or rule.name not in names)
