"""SQL of DuckDB is one statement of Spark, also where sqlglot hands over what would mean something else."""

import pytest

from datadevops.engine import dialect
from datadevops.engine.duckdb_engine import StatementError

EXACT = {
    "a name that both have": ("upper(a)", "UPPER(a)"),
    "a value that is in the table": (
        "quantile_disc(x, 0.9)",
        "PERCENTILE_APPROX(x, 0.9, 1000000)",  # without the number it is wrong beyond 10,000 rows
    ),
    "a sum within a text": ("n + 1 || '2' || n * 3", "(n + 1) || '2' || (n * 3)"),
    "a time without a zone": ("date_trunc('month', t)", "CAST(DATE_TRUNC('MONTH', t) AS TIMESTAMP)"),
}


@pytest.mark.parametrize(("cell", "there"), EXACT.values(), ids=EXACT)
def test_a_cell_means_the_same_in_the_dialect_of_spark(cell, there):
    assert dialect.translated(f"select {cell} from things;") == f"SELECT {there} FROM things"


@pytest.mark.parametrize("sql", ["", "-- nothing", "select 1; select 2"])
def test_what_is_not_one_statement_is_refused(sql):
    with pytest.raises(StatementError, match="it must hold one statement"):
        dialect.translated(sql)
