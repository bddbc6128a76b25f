"""A product that gives other rows on Spark is found; where Spark cannot run, nothing is green."""

from contextlib import nullcontext

import pytest

from datadevops.testing import engines

TIES = "select *, row_number() over (partition by shop order by promotion) as place from source"
GROSS = "select shop, opened_at from source where upper('groß') = 'GROSS'"  # GROẞ there is, too


@pytest.fixture
def few_rows(spark, monkeypatch):
    """The check on few rows, on the Spark that all tests share: to start one takes 10 s."""
    monkeypatch.setattr(engines, "start", lambda *_: nullcontext(spark))
    monkeypatch.setattr(engines, "ROWS", 2_000)


@pytest.fixture
def differences(few_rows, own, tmp_path):
    """differences(sql): the faults of a product with these features."""
    for path in own.transforms.glob("*.sql"):
        path.unlink()
    (own.transforms / "labels.sql").write_text("select shop, opened_at from source", encoding="utf-8")

    def look(sql):
        (own.transforms / "features.sql").write_text(sql, encoding="utf-8")
        return list(engines.differences(own, tmp_path))

    return look


@pytest.mark.spark
def test_a_number_among_equals_is_another_one_on_spark(differences):
    (found,) = differences(TIES)

    assert "features.sql: " in found
    assert " rows differ, e.g. (" in found
    assert " on Spark" in found


@pytest.mark.spark
def test_rows_that_only_one_engine_keeps_are_counted(differences):
    (found,) = differences(GROSS)

    assert found.endswith("features.sql: 0 rows on DuckDB, 2,000 on Spark")


@pytest.mark.spark
def test_what_means_the_same_passes(differences):
    assert differences("select shop, opened_at, takings / 7 as takings from source") == []


@pytest.mark.long
@pytest.mark.spark
@pytest.mark.usefixtures("few_rows")
@pytest.mark.parametrize("name", ["forecast", "statistics"])
def test_a_product_gives_the_same_rows_on_both(request, tmp_path, name):
    assert list(engines.differences(request.getfixturevalue(name), tmp_path)) == []


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ((1, "a", None), (1, "a", None), True),
        ((0.1 + 0.2,), (0.3,), True),  # as sums are, added in another order
        ((1.0,), (1.0001,), False),
        ((None,), (0.0,), False),
        (("a", 1), ("a", 2), False),
    ],
)
def test_only_sums_of_floats_may_differ_and_only_a_little(one, other, alike):
    assert engines._alike(one, other) == alike


def test_without_spark_the_tests_end_with_a_code_of_their_own(forecast, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    for name in ("JAVA_HOME", "SPARK_REMOTE"):
        monkeypatch.delenv(name, raising=False)

    with pytest.raises(pytest.exit.Exception, match=r"NOT RUN: .* Spark cannot be used") as ended:
        list(engines.differences(forecast, tmp_path))

    assert ended.value.returncode == 3
