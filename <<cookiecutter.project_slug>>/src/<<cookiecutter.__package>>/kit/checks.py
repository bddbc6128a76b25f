# The template's file: edits here meet template updates (copier update merges them).
"""Hold a table against its contract and split it: good rows here, the others into quarantine.

In:       an engine that knows a table by the contract's name.
Out:      two parquet files and a `Result`; good + quarantined = read, always.
Failure:  DataError DQ003 (empty), DQ004 (columns missing or of a wrong type), DQ007 (no good row);
          RefusedError DQ006 (worse than the contract allows).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .contract import COMPARISONS, Contract
from .engine import DuckDB
from .errors import DataError, RefusedError
from .predicates import literal, predicates

QUARANTINE = "quarantine.parquet"
INTEGER = r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?"
CARRIERS = {  # type of the contract -> SQL types of a file that can carry it
    "string": r"VARCHAR|ENUM.*",
    "integer": INTEGER,
    "number": rf"DOUBLE|FLOAT|DECIMAL.*|{INTEGER}",
    "boolean": "BOOLEAN",
    "timestamp": r"TIMESTAMP(_S|_MS|_NS)?",  # a time zone would move the hours with the session
}


@dataclass(frozen=True)
class Result:
    read: int
    good: int
    bad: int
    broken: dict[str, int]  # rule -> rows that break it
    extra: list[str]  # columns the contract does not know
    failures: list[str]  # rules about the table that do not hold and stop a run
    warnings: list[str]  # those that only want to be known


def split(engine: DuckDB, contract: Contract, folder: Path) -> Result:
    """Split the table that bears the contract's name.

    `<table>.parquet` in `folder` gets the good rows (the contract's columns and types),
    quarantine.parquet the others (all columns, and `broken_rules`: their names, comma-separated).
    """
    extra = _check_columns(engine, contract)
    rules = predicates(contract).items()
    marks = ", ".join(["null", *(f"case when {bad} then {literal(rule)} end" for rule, bad in rules)])
    old = " exclude (broken_rules)" if "broken_rules" in extra else ""  # a quarantine file, mended
    # Both files from one computation: the window functions cost more than the temporary table.
    engine.keep("_marked", f"select *{old}, concat_ws(', ', {marks}) as broken_rules from {contract.name}")
    columns = ", ".join(
        f'cast("{name}" as {type_}) as "{name}"' for name, type_ in contract.sql_types.items()
    )
    good = engine.write(
        f"select {columns} from _marked where broken_rules = ''", folder / f"{contract.name}.parquet"
    )
    bad = engine.write("select * from _marked where broken_rules <> ''", folder / QUARANTINE)
    ((read,),) = engine.rows(f"select count(*) from {contract.name}")
    if good + bad != read:  # whatever else happens, nothing is lost
        raise AssertionError(f"{good} good + {bad} quarantined is not {read} read")
    broken = engine.rows(
        "select unnest(string_split(broken_rules, ', ')) as rule, count(*) from _marked"
        " where broken_rules <> '' group by rule order by rule"
    )
    about_table = list(_table_rules(engine, contract, read))
    failures, warnings = (
        [text for stops, text in about_table if stops is wanted] for wanted in (True, False)
    )
    return Result(read, good, bad, dict(broken), extra, failures, warnings)


def _check_columns(engine: DuckDB, contract: Contract) -> list[str]:
    found = engine.types(f"from {contract.name}")
    problems = [
        f"{c.name}: {found.get(c.name, 'missing')}, must be {c.type}"
        for c in contract.columns
        if not re.fullmatch(CARRIERS[c.type], found.get(c.name, ""))
    ]
    place = f"{contract.path} v{contract.version}"
    if problems:
        text = "\n  ".join([f"{place}: wrong columns", *problems])
        raise DataError("DQ004", text, f"mend them at the source ({contract.contact}) or change the contract")
    if engine.rows(f"select count(*) from {contract.name}") == [(0,)]:
        raise DataError("DQ003", f"{place}: there are no rows", "look why the source delivers none")
    return [name for name in found if name not in contract.sql_types]


def _table_rules(engine: DuckDB, contract: Contract, total: int) -> Iterator[tuple[bool, str]]:
    """(does it stop a run, what was found) for each rule about the table that does not hold."""
    for column, rule in contract.table_rules:
        counted = f'"{column}"' if column else "null"
        ((figure,),) = engine.rows(f"select count(*) - count({counted}) from {contract.name}")
        if rule.get("unit") == "percent":
            figure = 100 * figure / total
        for word, holds in COMPARISONS.items():
            if word in rule and not holds(figure, rule[word]):
                text = f"{rule.get('name', rule['metric'])}: {figure:.4g}, {word} {rule[word]}"
                yield rule.get("severity", "error") == "error", text


def enforce(engine: DuckDB, contract: Contract, result: Result, quarantine: Path) -> None:
    """Stop a run whose data is worse than the contract allows."""
    if result.good and not result.failures and result.bad <= contract.allowed_bad_ratio * result.read:
        return
    text = describe(engine, contract, result, quarantine)
    hint = f"see {quarantine}, mend the rows at the source ({contract.contact}) and run again"
    if not result.good:
        raise DataError("DQ007", f"{text}\n  Not one row is good. Nothing new is published.", hint)
    allowed = f"{contract.allowed_bad_ratio:.2%} of the rows may be bad"
    raise RefusedError("DQ006", f"{text}\n  {allowed}. Nothing new is published.", hint)


def describe(engine: DuckDB, contract: Contract, result: Result, quarantine: Path) -> str:
    """What is wrong, by rule, with the keys and values of two rows each."""
    total = f"{result.bad:,} of {result.read:,} rows break {len(result.broken)} rules"
    lines = [f"{contract.path} v{contract.version}: {total}"]
    keys = ", ".join(f"'{name} ' || \"{name}\"" for name in contract.keys) or "''"
    for rule, rows in result.broken.items():
        column = next((f'"{name}"' for name in contract.sql_types if rule.startswith(f"{name}:")), "null")
        examples = engine.rows(
            f"select concat_ws(', ', {keys}), left(cast({column} as varchar), 60)"
            f" from read_parquet({literal(str(quarantine))})"
            f" where list_contains(string_split(broken_rules, ', '), {literal(rule)}) order by all limit 2"
        )
        shown = "; ".join(f"{key} ({value})" if value else key for key, value in examples)
        lines.append(f"{rule}: {rows:,} rows, e.g. {shown}")
    return "\n  ".join([*lines, *result.failures])
