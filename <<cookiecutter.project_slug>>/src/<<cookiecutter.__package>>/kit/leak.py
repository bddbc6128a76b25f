# The template's file: edits here meet template updates (copier update merges them).
"""Refuse features that know what cannot be known yet, before anything is trained on them.

In:       the SQL of the features, the contract of its source, the source itself.
Out:      nothing, or the features that alone nearly give the answer away, for a person to judge.
Failure:  ContractError ML001 (a column known only after the outcome), ML002 (rows of the future).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import sqlglot
from sklearn.metrics import roc_auc_score
from sklearn.tree import DecisionTreeClassifier
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

from .contract import Contract
from .engine import DuckDB
from .errors import ContractError
from .predicates import literal

SUSPICIOUS_AUC = 0.95  # one feature in eight cuts; honest ones stay far below


def refuse_after_outcome(sql: Path, source: Contract) -> None:
    """Raise ContractError ML001 if `sql` draws on a column marked `knownAfterOutcome`."""
    marked = {c.name.lower() for c in source.columns if c.known_after_outcome}
    try:
        found = sorted(set(_reached(sql.read_text(encoding="utf-8"), source, marked)))
    except SqlglotError as error:
        raise ContractError("CT006", f"{sql} is not understood: {error}", f"mend {sql.name}") from None
    if found:
        text = "\n  ".join(found)
        raise ContractError(
            "ML001",
            f"{sql} uses what is known only after the outcome ({source.path})\n  {text}",
            "take it out; labels.sql may use it",
        )


def _reached(sql: str, source: Contract, marked: set[str]) -> Iterator[str]:
    schema: dict[str, object] = {source.name: source.sql_types}
    tree = qualify(sqlglot.parse_one(sql, read="duckdb"), schema=schema, dialect="duckdb")
    for output in getattr(tree, "named_selects", ()):
        for node in lineage(output, tree.copy(), schema=schema, dialect="duckdb").walk():
            column = node.name.split(".")[-1].strip('"')
            if isinstance(node.expression, exp.Table) and column.lower() in marked:
                yield f"{output} comes from {column}"
    # Filters, joins, groups and named windows are in no output's lineage. What nobody uses is cut
    # away first; whatever then still reads a marked column of the source decides about rows.
    for scope in traverse_scope(pushdown_projections(tree)):
        for column in (*scope.columns, *scope.expression.find_all(exp.Columns, exp.TableColumn)):
            base = scope.sources.get(getattr(column, "table", ""))
            named = column.name.lower() if isinstance(base, exp.Table) else ""
            if named in marked or (marked and not isinstance(column, exp.Column)):
                yield f"rows or values depend on {named or ', '.join(sorted(marked))}"


def refuse_look_ahead(engine: DuckDB, sql: Path, source: Path, features: Contract, made: Path) -> None:
    """Raise ContractError ML002 if a feature changes when the rows after a moment are taken away.

    `made` are the features of the whole `source`. Whatever way the SQL looks ahead, by windows,
    totals or joins, the past must come out the same without the future.
    """
    time = features.time_key
    early, again = made.with_name("early.parquet"), made.with_name("again.parquet")
    engine.read("source", source)
    ((cut,),) = engine.rows(f"select quantile_disc({time}, 0.5) from source")
    engine.write(f"select * from source where {time} <= {literal(cut)}", early)
    engine.read("source", early)
    engine.transform(sql, again)
    engine.read("source", source)
    engine.read("_made", made)
    engine.read("_again", again)
    same = " and ".join(f'a."{key}" = b."{key}"' for key in features.keys)
    counts = ", ".join(f"count(*) filter (where {_differs(c.name, c.type)})" for c in features.measures)
    (changed,) = engine.rows(
        f"select {counts} from _made as a left join _again as b on {same} where a.{time} <= {literal(cut)}"
    )
    early.unlink()
    again.unlink()
    found = [f"{c.name}: {n} rows" for c, n in zip(features.measures, changed, strict=True) if n]
    if found:
        text = "\n  ".join(found)
        raise ContractError(
            "ML002",
            f"{sql}: features up to {cut} change when the rows after it are taken away\n  {text}",
            "let windows end at the current row, and take no totals over all of time",
        )


def _differs(name: str, kind: str) -> str:
    a, b = f'a."{name}"', f'b."{name}"'
    close = f" and not coalesce(abs({a} - {b}) <= 1e-9 * (1 + abs({a})), false)"
    return f"{a} is distinct from {b}" + (close if kind == "number" else "")


def suspicious(
    x: npt.NDArray[np.float32], names: Sequence[str], y: npt.NDArray[np.bool_]
) -> dict[str, float]:
    """Features that alone rank the outcome with an area under the ROC curve of 0.95 or more."""
    found = {}
    for place, name in enumerate(names):
        column = x[:, [place]]  # (n, 1)
        tree = DecisionTreeClassifier(max_leaf_nodes=8, random_state=0).fit(column, y)
        auc = float(roc_auc_score(y, tree.predict_proba(column)[:, 1]))
        if auc >= SUSPICIOUS_AUC:
            found[name] = auc
    return found
