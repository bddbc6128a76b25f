# The template's file: edits here meet template updates (copier update merges them).
"""Hold a table against its contract and split it: good rows here, the others into quarantine.

In:       an engine, a contract, the name of a table.
Out:      two parquet files and a `Result`; good + quarantined = read, always.
Failure:  DataError DQ003 (empty) or DQ004 (columns missing or of a wrong type).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .contract import COMPARISONS, Contract
from .engine import DuckDB
from .errors import DataError, RefusedError
from .predicates import literal, predicates

QUARANTINE = "quarantine.parquet"
INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"}
INTEGERS |= {f"U{name}" for name in INTEGERS}


@dataclass(frozen=True)
class Result:
    read: int
    good: int
    bad: int
    broken: dict[str, int] = field(default_factory=dict)  # rule -> rows that break it
    extra: list[str] = field(default_factory=list)  # columns the contract does not know
    failures: list[str] = field(default_factory=list)  # rules about the table that stop a run
    warnings: list[str] = field(default_factory=list)  # those that only want to be known

    @property
    def bad_ratio(self) -> float:
        return self.bad / self.read


def split(engine: DuckDB, contract: Contract, folder: Path) -> Result:
    """Split the table that bears the contract's name.

    `<table>.parquet` in `folder` gets the good rows (the contract's columns and types),
    quarantine.parquet the others (all columns, and `broken_rules`: their names, comma-separated).
    """
    table = contract.name
    extra = check_columns(engine, contract)
    marks = ", ".join(
        f"case when {bad} then {literal(rule)} end" for rule, bad in predicates(contract).items()
    )
    # Both files from one computation: the window functions cost more than the temporary table.
    engine.materialize(
        "_marked", f"select *, concat_ws(', ', {marks}) as broken_rules from {table}"
    )
    columns = ", ".join(f'cast("{c.name}" as {c.sql_type}) as "{c.name}"' for c in contract.columns)
    good, bad = folder / f"{table}.parquet", folder / QUARANTINE
    n_good = engine.write(f"select {columns} from _marked where broken_rules = ''", good)
    n_bad = engine.write("select * from _marked where broken_rules <> ''", bad)
    ((read,),) = engine.rows(f"select count(*) from {table}")
    if n_good + n_bad != read:  # whatever else happens, nothing is lost
        raise AssertionError(f"{n_good} good + {n_bad} quarantined is not {read} read")
    broken = engine.rows(
        "select unnest(string_split(broken_rules, ', ')) as rule, count(*) from _marked"
        " where broken_rules <> '' group by rule order by rule"
    )
    rules = list(table_rules(engine, contract))
    failures = [text for stops, text in rules if stops]
    warnings = [text for stops, text in rules if not stops]
    return Result(read, n_good, n_bad, dict(broken), extra, failures, warnings)


def enforce(engine: DuckDB, contract: Contract, result: Result, folder: Path) -> None:
    """Stop a run whose data is worse than the contract allows: DataError DQ007, RefusedError DQ006.

    `folder` holds the quarantine; the last published version stays as it is.
    """
    text = describe(engine, contract, result, folder)
    quarantine = folder / QUARANTINE
    hint = f"see {quarantine}, mend the rows at the source ({contract.contact}) and run again"
    if result.good == 0:
        raise DataError("DQ007", f"{text}\n  Not one row is good.", hint)
    if result.failures or result.bad_ratio > contract.allowed_bad_ratio:
        allowed = f"{contract.allowed_bad_ratio:.2%} of the rows may be bad"
        raise RefusedError("DQ006", f"{text}\n  {allowed}. Nothing new is published.", hint)


def describe(engine: DuckDB, contract: Contract, result: Result, folder: Path) -> str:
    """What is wrong, by rule, with the keys and values of two rows each."""
    total = f"{result.bad:,} of {result.read:,} rows break {len(result.broken)} rules"
    lines = [f"{contract.path} v{contract.version}: {total}"]
    keys = ", ".join(f"""'{name} ' || "{name}\"""" for name in contract.keys) or "''"
    for rule, rows in result.broken.items():
        column = rule.split(":")[0]
        value = f'"{column}"' if column in contract.names else "''"
        examples = engine.rows(
            f"select concat_ws(', ', {keys}), cast({value} as varchar)"
            f" from read_parquet({literal(str(folder / QUARANTINE))})"
            f" where list_contains(string_split(broken_rules, ', '), {literal(rule)})"
            " order by all limit 2"
        )
        shown = "; ".join(f"{key} ({value})" if value else key for key, value in examples)
        lines.append(f"{rule}  {rows:,} rows, e.g. {shown}")
    return "\n  ".join([*lines, *result.failures])


def check_columns(engine: DuckDB, contract: Contract) -> list[str]:
    """The table's columns beyond the contract. Raises DataError DQ003 or DQ004."""
    table = contract.name
    found = engine.types(f"from {table}")
    problems = [
        f"{c.name}: {'missing' if c.name not in found else f'{found[c.name]}, not {c.type}'}"
        for c in contract.columns
        if c.name not in found or not _carries(found[c.name], c.type)
    ]
    if problems:
        raise DataError(
            "DQ004",
            f"{contract.path} v{contract.version}: {table} has the wrong columns\n  "
            + "\n  ".join(problems),
            f"mend them at the source ({contract.contact}) or change the contract",
        )
    if engine.rows(f"select count(*) from {table}") == [(0,)]:
        raise DataError(
            "DQ003", f"{contract.path}: {table} has no rows", "look why the source delivers none"
        )
    return [name for name in found if name not in contract.names]


def _carries(sql_type: str, kind: str) -> bool:
    """Whether a column of `sql_type` can hold values of the contract's type `kind`."""
    name = sql_type.split("(")[0]
    if (
        kind == "timestamp"
    ):  # a zone would move the hours with the session; UTC without zone is asked
        return name.startswith("TIMESTAMP") and "ZONE" not in name
    return (
        name
        in {
            "string": {"VARCHAR", "ENUM"},
            "integer": INTEGERS,
            "number": {"DOUBLE", "FLOAT", "DECIMAL", *INTEGERS},
            "boolean": {"BOOLEAN"},
        }[kind]
    )


def table_rules(engine: DuckDB, contract: Contract) -> Iterator[tuple[bool, str]]:
    """(does it stop a run, what was found) for each rule about the table that does not hold."""
    ((total,),) = engine.rows(f"select count(*) from {contract.name}")
    for column, spec in contract.table_rules:
        counted = f"count(*) - count({column})" if column else "count(*)"
        ((figure,),) = engine.rows(f"select {counted} from {contract.name}")
        if spec.get("unit") == "percent":
            figure = 100 * figure / total
        for word, holds in COMPARISONS.items():
            if word in spec and not holds(figure, spec[word]):
                text = f"{spec.get('name') or spec['metric']}: {figure:.4g}, {word} {spec[word]}"
                yield spec.get("severity", "error") == "error", text
