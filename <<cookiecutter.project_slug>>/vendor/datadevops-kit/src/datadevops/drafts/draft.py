"""Find out what a file holds, as far as a contract can say it.

In:       a file, a name for its table; what people know already: the key, the columns that they need.
Out:      a `Draft`, which `page` writes down and `decisions` asks about.
Failure:  ContractError CT022 (a key that does not identify each row, a column that is not there); DataError
          DQ003 (no rows), DQ004 (no column of a type that a contract has); what reading raises.

All rows are read, several times; memory is bounded as for a check.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..contract.kinds import listed
from ..contract.predicates import predicates
from ..contract.values import Contract
from ..engine import files
from ..engine.file_kind import is_parquet
from ..engine.kept import kept_cells
from ..engine.start import Engine
from ..errors import DataError, counted
from . import columns, keys, survey
from .columns import Found
from .survey import Figures

LONGEST_IN_KEY = 100  # characters
KEY_WORDS = {"id", "key", "code", "no", "nr", "number", "uuid"}
BEYOND = {  # logicalType -> what its values are that no contract allows
    "number": "infinite or NaN",
    "integer": "beyond whole numbers of 64 bits",
    "timestamp": "outside the years 1 to 9999",
    "date": "outside the years 1 to 9999",
}


@dataclass(frozen=True)
class Draft:
    table: str
    format: str  # parquet or csv
    rows: int
    columns: list[Found]  # all of the file, or those that people named
    others: int  # columns of the file that they did not name
    figures: dict[str, Figures]  # name -> figures, of the columns that have a type
    keys: list[tuple[str, ...]]  # the smallest sets that identify a row; the first is the guess
    tried: int  # columns that could be in a key
    repeated: int  # rows that repeat another one in all columns; 0 where there is a key

    @property
    def kept(self) -> list[Found]:
        return [column for column in self.columns if column.type]

    @property
    def key(self) -> tuple[str, ...]:
        return self.keys[0] if self.keys else ()

    def of_type(self, *types: str) -> list[str]:
        return [column.name for column in self.kept if column.type in types]

    def numbers(self, column: Found) -> bool:
        """Whether made-up rows number the values of this column, as nothing else would keep them apart."""
        by_turns = column.type == "string" and bool(set(self.of_type("timestamp")) & set(self.key))
        return self.figures[column.name].unique or (column.name in self.key and not by_turns)


def draft(
    engine: Engine,
    path: Path,
    table: str,
    key: Sequence[str] = (),
    likely: Sequence[Sequence[str]] = (),
    only: Sequence[str] = (),
) -> Draft:
    """What the file suggests. A column with values that no contract allows, as NaN, is without a type.

    `key`: what identifies a row, if people know it. `likely`: keys of other tables; the first that identifies
    a row here too is the guess. `only`: the columns to describe; all if there is none.
    """
    csv = not is_parquet(path)
    with files.unchanged(path, files.identity(path)):
        engine.read(table, path)
        ((rows,),) = engine.rows(f'select count(*) from "{table}"')
        if not rows:
            raise DataError("DQ003", f"{path}: there are no rows to draft from", "name a file with rows")
        every = columns.found(engine, f'"{table}"', csv)
        found = columns.named(every, [*only, *key]) if only else every
        contract = _bare(table, found)
        engine.read(table, path, *contract.reading)
        cells, _ = kept_cells(contract, engine.types(f'from "{table}"'))
        kept = f'(select {cells} from "{table}") as kept'
        wrong = _wrong_values(engine, contract, kept)
        found = [replace(c, type="", why=wrong[c.name]) if c.name in wrong else c for c in found]
        contract = _bare(table, found)
        if not contract.columns:
            text = f"{path}: no column has a type that a contract has"
            raise DataError("DQ004", text, "see `COMMAND explain CT003`")
        figures = survey.figures(engine, contract, kept)
        could = _candidates(contract, figures)
        candidates, order = could[: keys.MOST_CANDIDATES], list(contract.sql_types).index
        known = [tuple(each) for each in likely if set(each) <= set(could) and each]
        if key:
            sets = [keys.required(engine, kept, key, could)]
        else:
            sets = keys.identifying(engine, kept, known)[:1] or [
                tuple(sorted(each, key=order)) for each in keys.smallest(engine, kept, candidates)
            ]
        again = 0 if sets else _repeated(engine, contract, kept, rows)
        kind, others = "csv" if csv else "parquet", len(every) - len(found)
        return Draft(table, kind, rows, found, others, figures, sets, len(candidates), again)


def _bare(table: str, found: list[Found]) -> Contract:
    """The contract of these columns, without a rule."""
    typed = [
        {
            **{"name": c.name, "physicalName": c.there, "logicalType": c.type},
            "customProperties": [{"property": "missingValues", "value": c.missing}],
        }
        for c in found
        if c.type
    ]
    return Contract.model_validate(
        {"path": Path(f"{table}.yaml"), "version": "1.0.0", "schema": [{"name": table, "properties": typed}]}
    )


def _wrong_values(engine: Engine, contract: Contract, kept: str) -> dict[str, str]:
    """Column -> why a contract cannot have it, by the values that its type alone does not allow."""
    rules = predicates(contract)
    counts = ", ".join(f"count(*) filter ({bad})" for bad in rules.values())
    found = engine.rows(f"select {counts} from {kept}")[0] if rules else ()
    wrong = {name.partition(":")[0]: count for name, count in zip(rules, found, strict=True) if count}
    beyond = {column.name: BEYOND[column.type] for column in contract.columns if column.name in wrong}
    return {
        name: f"{counted(count, 'row')} {'is' if count == 1 else 'are'} {beyond[name]}; "
        f"have {'that' if count == 1 else 'those'} null at the source"
        for name, count in wrong.items()
    }


def _candidates(contract: Contract, figures: dict[str, Figures]) -> list[str]:
    """The columns that could be in a key, the likely ones first: those named so, times, texts, numbers."""
    types = ["timestamp", "date", "string", "integer"]
    could = [
        column
        for column in contract.columns
        if column.type in types
        and not (seen := figures[column.name]).nulls
        and seen.different > 1
        and not (column.type == "string" and seen.high > LONGEST_IN_KEY)
    ]

    def rank(name: str, kind: str) -> int:
        return 0 if KEY_WORDS & set(name.lower().split("_")) else 1 + types.index(kind)

    return [column.name for column in sorted(could, key=lambda column: rank(column.name, column.type))]


def _repeated(engine: Engine, contract: Contract, kept: str, rows: int) -> int:
    """How many rows repeat another one in all columns."""
    names = listed(contract.sql_types)
    ((different,),) = engine.rows(f"select count(*) from (select distinct {names} from {kept})")
    return rows - int(different)
