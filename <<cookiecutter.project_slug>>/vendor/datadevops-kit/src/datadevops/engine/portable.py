"""Refuse SQL that would not mean the same on another engine, before any engine sees it.

In:       the folder of a package: its transforms, and the quality rules of its contracts.
Out:      nothing; or each place that does not carry over from DuckDB to Spark, with file and line.
Failure:  ContractError CT009.

What is not on the list below is refused: sqlglot hands over what it does not know as it stands.
tests/kit/engine/test_portable.py shows each function of the list giving the same on both engines.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from ..contract import odcs
from ..contract.predicates import predicates
from ..errors import ContractError
from .graph import line_of

ONLY = "duckdb only"  # a comment on the line: somebody has decided that this product stays there
PARTS = """
    Add Alias All And Between Boolean Case Cast Column CTE DataType Distinct Div EQ Except Exists Explode
    Filter From GT GTE Group Having Identifier If In Intersect Interval Is Join LT LTE Like Limit Literal Mod
    Mul NEQ Neg Not Null NullSafeEQ NullSafeNEQ Or Order Ordered Paren Qualify Select Star Sub Subquery Table
    TableAlias Union Var Where Window WindowSpec With
"""
FUNCTIONS = """
    Abs Atan Atan2 Avg Ceil Coalesce Concat ConcatWs Contains Cos Count CountIf DPipe Day DayOfYear
    Degrees DenseRank Exp Extract FirstValue Floor GenerateSeries Greatest Hour Lag LastValue Lead Least
    Left Length Ln LogicalAnd LogicalOr Lower Max Median Min Minute Month Nullif Pi Pow Quarter Radians Rank
    RegexpLike Replace Right Round RowNumber Second Sign Sin Sqrt StartsWith Stddev StddevPop StddevSamp
    StrToTime Substring Sum Tan TimestampTrunc Trim Upper Variance VariancePop Year
"""
NUMBERED = "year, quarter, month, day, hour, minute"  # parts of a time that are the same numbers on both
STARTED = f"{NUMBERED}, second, week"  # what date_trunc can go back to on both; a week begins on Monday
# What strptime reads on both: whole days, with signs between the parts or eight digits. Names of months and
# years of two digits are read differently.
DAY_FORM = re.compile(r"(?=.*%Y)(?=.*%m)(?=.*%d)(%Y%m%d|%[YmdHMS]([-./:, ]+%[YmdHMS])*)")
NO_ASOF = (
    "ASOF is an alias there; take the newest time by max(..) over a window of both tables together, then"
    " join on that time, as in docs/outgrow-one-machine.md"
)
KNOWN = {*PARTS.split(), *FUNCTIONS.split()}
Schema = dict[str, object]  # table -> {column: SQL type}


def refuse(package: Path, exempt: bool = False) -> None:
    """Raise ContractError CT009 with all that does not carry over; `exempt`: but what says ONLY."""
    contracts = odcs.load_all(package / "contracts")
    schema: Schema = {contract.name: contract.sql_types for contract in contracts.values()}
    texts = {path: [(1, path.read_text("utf-8"))] for path in sorted(package.glob("transforms/*.sql"))}
    for contract in contracts.values():
        rules, lines = predicates(contract), contract.path.read_text("utf-8").splitlines()
        texts[contract.path] = [
            (_named(rule.name, lines), f"select *, {rules[rule.name]} as bad from {contract.name}")
            for rule in contract.rules("sql")
        ]
    found = []
    for path, statements in texts.items():
        lines = path.read_text("utf-8").splitlines()
        for start, sql in statements:
            one = path.suffix != ".sql"  # a rule is folded text: its name stands for all its lines
            places = {(start if one else line, text): None for line, text in problems(sql, schema)}
            found += [f"{path}:{n}: {text}" for n, text in places if not (exempt and ONLY in lines[n - 1])]
    if found:
        hint = f"write it in what both engines have; or, to stay with DuckDB, `-- {ONLY}` on the line"
        raise ContractError("CT009", "\n  ".join(["this SQL does not carry over to Spark", *found]), hint)


def problems(sql: str, schema: Schema) -> Iterator[tuple[int, str]]:
    """(line, what is wrong) of each part of a statement over these tables."""
    try:
        tree = sqlglot.parse_one(sql, read="duckdb")
    except SqlglotError as error:
        yield 1, f"it is not understood: {str(error).splitlines()[0]}"
        return
    for node in tree.walk(prune=lambda node: type(node).__name__ not in KNOWN):
        if type(node).__name__ not in KNOWN or _is_of_duckdb(node):
            instead = NO_ASOF if isinstance(node, exp.Join) and node.method == "ASOF" else ""
            yield line_of(node), f"{_shown(node)}: {instead or 'not known to mean the same'}"
    try:
        named = qualify(tree.copy(), schema=schema, dialect="duckdb")
        typed = annotate_types(named, schema=schema, dialect="duckdb")
    except SqlglotError:
        typed = tree  # a column that is nowhere: the engine says so; here its type is unknown
    for node in typed.walk():
        if why := _why(node):
            yield line_of(node), f"{_shown(node)}: {why}"


def _is_of_duckdb(node: exp.Expr) -> bool:
    """Parts that are nodes of a known kind, and yet are of one engine only."""
    asked = node.args
    if isinstance(node, exp.WindowSpec):
        return bool(asked.get("exclude")) or str(asked.get("kind")).upper() == "GROUPS"
    own = [(exp.Star, "replace"), (exp.Star, "rename"), (exp.Join, "method"), (exp.Distinct, "on")]
    return any(isinstance(node, kind) and asked.get(name) for kind, name in own)


def _why(node: exp.Expr) -> str:
    """What the two engines make differently of the same text; empty where nothing is known."""
    if isinstance(node, exp.Div | exp.Mod):
        by = node.expression.unnest()
        safe = isinstance(by, exp.Nullif | exp.Pi) or (by.is_number and float(by.name or 0) != 0)
        return "" if safe else "what divides may be 0: infinity here, an error there; nullif(..., 0)"
    if isinstance(node, exp.Cast):
        if node.is_type(*exp.DataType.INTEGER_TYPES) and not _is_whole(node.this):
            return "rounded here, cut off there; say round(...) or floor(...)"
        if node.is_type(*exp.DataType.TEXT_TYPES) and node.this.is_type(*exp.DataType.REAL_TYPES):
            return "numbers are spelt differently"
    if isinstance(node, exp.RegexpLike) and re.search(r"\$|\\[dDwWsSbB]", node.expression.name):
        return r"$ and \d, \w, \s, \b differ; say \z and [0-9]"
    if isinstance(node, exp.Like) and "\\" in node.expression.name:
        return "a backslash is a sign here, an escape there"
    if isinstance(node, exp.GenerateSeries):
        ends = isinstance(node.args["start"], exp.Min) and isinstance(node.args["end"], exp.Max)
        if not ends or not node.args.get("step") or node.args.get("is_end_exclusive"):
            return "past its end nothing here, an error there; say generate_series(min(..), max(..), step)"
    if isinstance(node, exp.Extract) and node.name.lower() not in NUMBERED.split(", "):
        return f"another number there, or none; both have {NUMBERED}, second(..), date_trunc('week', ..)"
    if isinstance(node, exp.TimestampTrunc) and node.text("unit").lower() not in STARTED.split(", "):
        return f"may be null there; both have {STARTED}"
    if isinstance(node, exp.StrToTime) and not DAY_FORM.fullmatch(node.text("format")):
        return "read differently there; both have %Y, %m, %d, %H, %M, %S with signs between, and %Y%m%d"
    times = exp.DataType.TEMPORAL_TYPES
    if isinstance(node, exp.Sub) and node.this.is_type(*times) and node.expression.is_type(*times):
        return "days or an interval, by the engine"
    return ""


def _is_whole(node: exp.Expr) -> bool:
    """Whether a cast to an integer has nothing to round: of what was rounded, and sums and products of it."""
    node = node.unnest()
    if isinstance(node, exp.Add | exp.Sub | exp.Mul):
        return _is_whole(node.this) and _is_whole(node.expression)
    if isinstance(node, exp.Round):
        return not node.args.get("decimals")
    made = isinstance(node, exp.Floor | exp.Ceil | exp.Case) or node.is_int
    return made or node.is_type(*exp.DataType.INTEGER_TYPES, "boolean")


def _named(rule: str, lines: list[str]) -> int:
    """The line that gives a rule its name."""
    said = re.compile(rf"""name: *["']?{re.escape(rule)}\b""")
    return next((n for n, line in enumerate(lines, 1) if said.search(line)), 1)


def _shown(node: exp.Expr) -> str:
    text = " ".join(node.sql("duckdb").split())
    return text if len(text) <= 60 else f"{text[:57]}..."
