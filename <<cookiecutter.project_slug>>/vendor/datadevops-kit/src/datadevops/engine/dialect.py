"""DuckDB's SQL in Spark's dialect.

In:       one statement.
Out:      the statement, with the same meaning on Spark; `portable` refuses what has none.
Failure:  StatementError, or what sqlglot raises.
"""

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel

from .duckdb_engine import StatementError


def translated(sql: str) -> str:
    """One statement of DuckDB in Spark's dialect. Raises StatementError or sqlglot's own."""
    statements = sqlglot.parse(sql, read="duckdb")
    if len(statements) != 1 or statements[0] is None:
        raise StatementError("it must hold one statement")
    return statements[0].transform(_exact).sql("spark", unsupported_level=ErrorLevel.RAISE)


def _exact(node: exp.Expr) -> exp.Expr:
    """What sqlglot would hand over as it stands."""
    if isinstance(node, exp.PercentileDisc):
        accuracy = exp.Literal.number(1_000_000)  # exact up to so many rows
        return exp.func("percentile_approx", node.this, node.expression, accuracy)
    if isinstance(node, exp.TimestampTrunc):  # it gives a time with a zone
        return exp.cast(node, "timestamp")
    if (
        isinstance(node.parent, exp.DPipe)
        and isinstance(node, exp.Binary)
        and not isinstance(node, exp.DPipe)
    ):
        return exp.paren(node)  # here || is done after +, there before it
    return node
