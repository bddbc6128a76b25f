"""Check a table against its contract and split it: good rows, and a quarantine for the others.

In:       an engine that knows a table by the contract's name.
Out:      two parquet files and a `Result`; good + quarantined = read, always.
Failure:  ContractError CT005 (a quality rule is not true or false for a row); DataError DQ003 (empty),
          DQ004 (columns missing or of a wrong type), DQ007 (no good row), DQ009 (the file has changed);
          RefusedError DQ006 (worse than the contract allows).
"""

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from ..contract import metrics
from ..contract.kinds import carries, listed
from ..contract.predicates import HINT, literal, predicates
from ..contract.values import Column, Contract
from ..errors import ContractError, DataError, RefusedError, counted
from .duckdb_engine import blaming
from .kept import kept_cells
from .start import Engine

QUARANTINE = "quarantine.parquet"
MOST_NAMED = 4  # columns of a file that has none of the contract
NULL = ":null"  # the end of the name of that rule of a column
OF_COLUMNS = "correct them at the source ({0}) or change the contract"
OTHER_FILE = "line 1 of a CSV file has to name the columns: put such a line in front; or give the right file"


@dataclass(frozen=True)
class Result:
    read: int
    good: int
    bad: int
    broken: dict[str, int]  # rule -> rows that break it
    extra: list[str]  # columns the contract does not know
    failures: list[str]  # rules about the table that do not hold and stop a run
    warnings: list[str]  # rules about the table that do not hold and only warn


def split(engine: Engine, contract: Contract, folder: Path, part: bool = False) -> Result:
    """Split the table that has the contract's name.

    `<table>.parquet` in `folder` gets the good rows (the contract's columns and types),
    quarantine.parquet the others (all columns, and `broken_rules`: their names, comma-separated).
    A `part` of a table may be empty, and rules about the whole table are not checked.
    """
    with engine.unchanged(contract.name):
        return _split(engine, contract, folder, part)


def _split(engine: Engine, contract: Contract, folder: Path, part: bool) -> Result:
    table, target = f'"{contract.name}"', folder / f"{contract.name}.parquet"
    found, extra = _check_columns(engine, contract, table)
    ((read,),) = engine.rows(f"select count(*) from {table}")
    if not (read or part):
        text = f"{contract.path} v{contract.version}: there are no rows"
        raise DataError("DQ003", text, "look why the source delivers none")
    cells, delivered = kept_cells(contract, found)
    kept = f"(select {cells} from {table}) as kept"
    rules, written = predicates(contract), {rule.name for rule in contract.rules("sql")}
    keys = listed(contract.keys)
    if keys and not engine.rows(f"select 1 from {kept} group by {keys} having count(*) > 1 limit 1"):
        del rules["key:duplicate"]  # a window over whole rows takes twice the time of a look at the keys
    for rule in rules:
        if rule.endswith(":pattern") or rule in written:
            _compile_rule(engine, contract, kept, rule, rules[rule])
    marks = ", ".join(["null", *(f"case when {bad} then {literal(rule)} end" for rule, bad in rules.items())])
    # Both files from one computation: the window functions cost more than the temporary table.
    with blaming("CT005", f"{contract.path}: one of the quality rules", HINT):
        engine.keep("_marked", f"select *, concat_ws(', ', {marks}) as broken_rules from {kept}")
    columns = ", ".join(f'{column.cell} as "{column.name}"' for column in contract.columns)
    good = engine.write(f"select {columns} from _marked where broken_rules = ''", target)
    quarantined = f"select {delivered}, broken_rules from _marked where broken_rules <> ''"
    bad = engine.write(quarantined, folder / QUARANTINE)
    if good + bad != read:  # whatever else happens, nothing is lost
        raise AssertionError(f"{good} good + {bad} quarantined is not {read} read")
    failures, warnings = ([], []) if part else table_rules(engine, contract)
    broken = by_rule(engine, "_marked where broken_rules <> ''")
    return Result(read, good, bad, broken, extra, failures, warnings)


def by_rule(engine: Engine, bad: str) -> dict[str, int]:
    """Rule -> how many of the `bad` rows of a quarantine break it."""
    each = f"select unnest(string_split(broken_rules, ', ')) as rule from {bad}"
    return dict(engine.rows(f"select rule, count(*) from ({each}) as each group by rule order by rule"))


def _check_columns(engine: Engine, contract: Contract, table: str) -> tuple[dict[str, str], list[str]]:
    """The type of each column, and the columns that the contract does not know."""
    found = engine.types(f"from {table}")
    extra = [name for name in found if name not in contract.sql_types]
    problems = [
        f"{c.name}: {found.get(c.name) or _missing(c, extra)}, must be {c.type}"
        for c in contract.columns
        if not carries(found.get(c.name, ""), c.type)
    ]
    if problems:
        text, hint = (
            f"{contract.path} v{contract.version}: wrong columns",
            OF_COLUMNS.format(contract.contact),
        )
        if len(extra) == len(found):
            shown = ", ".join(map(repr, extra[:MOST_NAMED]))
            text, hint = (
                f"{text}: none of the contract is there; it has {shown}",
                f"{OTHER_FILE}; else {hint}",
            )
        raise DataError("DQ004", "\n  ".join([text, *problems]), hint)
    return found, extra


def _missing(column: Column, extra: list[str]) -> str:
    """That a column is missing, with the most similar name among those that the contract does not know."""
    lower = {each.lower(): each for each in extra}
    wanted = column.physical_name or column.name
    near = get_close_matches(wanted.lower(), lower, n=1)
    missing = "missing" if wanted == column.name else f"missing, also as its physicalName {wanted!r}"
    return f"{missing} (there is {lower[near[0]]!r})" if near else missing


def _compile_rule(engine: Engine, contract: Contract, kept: str, rule: str, bad: str) -> None:
    """Refuse a rule that is not true or false for a row, and a pattern that the engine does not know."""
    what = f"{contract.path}: rule {rule!r} does not say which rows are bad"
    columns = listed(contract.sql_types)
    row = f"(select {columns} from {kept} limit 1)"
    with blaming("CT005", what, HINT):
        engine.rows(tried := f"select _bad from (select *, {bad} as _bad from {row})")
        kind = engine.types(tried)["_bad"]
    if kind != "BOOLEAN":
        raise ContractError("CT005", f"{what}: it is {kind}, not true or false", HINT)


def table_rules(engine: Engine, contract: Contract) -> tuple[list[str], list[str]]:
    """Rules about a whole column or table that do not hold: those that stop a run, those that only warn."""
    failures: list[str] = []
    warnings: list[str] = []
    for rule in contract.rules("library"):
        for word, bound in rule.bounds.items():
            bounds = bound if isinstance(bound, tuple) else (bound,)
            holds = metrics.COMPARISONS[word].format(*bounds)
            asked = f"select figure, {holds} from ({metrics.figure(contract, rule)}) as metric"
            ((found, kept),) = engine.rows(asked)
            if not kept:
                found_in = failures if rule.severity == "error" else warnings
                shown = " and ".join(f"{each:g}" for each in bounds)
                found_in.append(f"{rule.name or rule.metric}: {found:.4g}, {word} {shown}")
    return failures, warnings


def enforce(
    engine: Engine,
    contract: Contract,
    result: Result,
    quarantine: Path,
    maker: Path | None = None,
    stays: str = "Nothing new is published.",
) -> None:
    """Stop a run whose data is worse than the contract allows. `maker`: the product's own file that makes the
    rows; without one they are delivered. `stays`: what becomes of the table."""
    many = contract.refuses(result.bad, result.read)
    if (result.good or not result.read) and not result.failures and not many:
        return
    text = describe(engine, contract, result, quarantine)
    where = maker or f"the rows at the source ({contract.contact})"
    hint = f"see {quarantine}, correct {where} and run again"
    if maker and (nulls := [rule.removesuffix(NULL) for rule in result.broken if rule.endswith(NULL)]):
        hint += (
            f"; if a left join finds nobody, let {', '.join(nulls)} be null: no `required` in the contract"
        )
    if not result.good:
        raise DataError("DQ007", f"{text}\n  Not one row is good. {stays}", hint)
    allowed = f"{contract.allowed_bad_ratio:.2%} of the rows may be bad. " * many
    raise RefusedError("DQ006", f"{text}\n  {allowed}{stays}", hint)


def describe(engine: Engine, contract: Contract, result: Result, quarantine: Path) -> str:
    """What is wrong, by rule, with the keys and values of two rows each."""
    total = f"{result.bad:,} of {counted(result.read, 'row')} break {counted(len(result.broken), 'rule')}"
    several = ", some several" * (sum(result.broken.values()) > result.bad)
    lines = [f"{contract.path} v{contract.version}: {total}{several}"]
    for rule, rows in result.broken.items():
        shown = "; ".join(examples(engine, contract, quarantine, rule, 2))
        lines.append(f"{rule}: {counted(rows, 'row')}, e.g. {shown}")
    return "\n  ".join([*lines, *result.failures])


def examples(engine: Engine, contract: Contract, quarantine: Path, rule: str, most: int) -> list[str]:
    """Rows of a quarantine that break the rule: the key of each, and the value of the rule's column."""
    keys = ", ".join(f"'{name} ' || \"{name}\"" for name in contract.keys) or "''"
    name = rule.split(":")[0]
    column = f'"{name}"' if name in contract.sql_types else "null"
    engine.read("_quarantine", quarantine)
    found = engine.rows(
        f"select concat_ws(', ', {keys}), left(cast({column} as varchar), 60)"
        f" from _quarantine where list_contains(string_split(broken_rules, ', '), {literal(rule)})"
        f" order by all limit {most}"
    )
    return [f"{key} ({value})" if value else key for key, value in found]
