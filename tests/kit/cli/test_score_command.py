"""What a user sees when a file is scored."""

import pytest

from datadevops.engine.duckdb_engine import DuckDB


@pytest.mark.parametrize("name", ["out.parquet", "out.source-quarantine.parquet"])
def test_the_input_of_scoring_is_not_overwritten(command, ran, altered, tmp_path, name):
    file = altered("from sample").rename(tmp_path / name)
    before = file.read_bytes()

    answer = command("score", file, tmp_path / "out.parquet", store=ran.store)

    assert answer.code == 2
    assert "it would overwrite the input" in answer.err
    assert file.read_bytes() == before


def test_scoring_the_source_gives_the_published_predictions(command, ran, sample, tmp_path):
    out = tmp_path / "out.parquet"

    answer = command("score", sample, out, store=ran.store)

    assert answer.code == 0
    (published,) = ran.store.glob("predictions/*/predictions.parquet")
    with DuckDB() as engine:
        order = "order by shop, opened_at"
        assert engine.rows(f"from '{out}' {order}") == engine.rows(f"from '{published}' {order}")
        kept = tmp_path / "out.source-quarantine.parquet"
        assert engine.rows(f"select count(*) from '{kept}'") == [(2,)]


def test_scoring_deletes_the_quarantine_file_of_an_earlier_scoring(command, ran, altered, sample, tmp_path):
    out, kept = tmp_path / "out.parquet", tmp_path / "out.source-quarantine.parquet"
    command("score", sample, out, store=ran.store)
    assert kept.exists()

    answer = command("score", altered("from sample limit 99"), out, store=ran.store)

    assert answer.code == 0
    assert not kept.exists()


def test_new_rows_are_scored_without_columns_known_only_after_the_outcome(command, ran, altered, tmp_path):
    early = altered("select * exclude (complaints) from sample")  # which two rules use

    answer = command("score", early, tmp_path / "out.parquet", store=ran.store)

    assert answer.code == 0, answer.err
    assert "10,848 rows scored" in answer.out
    assert "complaints" not in answer.err


def test_a_column_that_is_known_before_the_outcome_must_be_there(command, ran, altered, tmp_path):
    file = altered("select * exclude (takings) from sample")

    answer = command("score", file, tmp_path / "out.parquet", store=ran.store)

    assert answer.code == 2
    assert "error[DQ004]" in answer.err
    assert "takings: missing, must be number" in answer.err


def test_features_are_not_given_beside_the_source_that_they_are_made_from(command, ran, sample, tmp_path):
    words = [f"features={sample}", f"source={sample}"]

    answers = [
        command("score", *each, tmp_path / "o.parquet", store=ran.store) for each in (words, words[::-1])
    ]

    assert [answer.code for answer in answers] == [2, 2]
    assert all("so both cannot be given" in answer.err for answer in answers)
    assert not (tmp_path / "o.parquet").exists()


def test_good_features_are_scored_without_their_source(command, ran, tmp_path):
    (good,) = ran.store.glob("features/*/features.parquet")

    answer = command("score", f"features={good}", tmp_path / "out.parquet", store=ran.store)

    assert (answer.code, answer.err) == (0, "")
    assert "10,848 rows scored by " in answer.out


def test_scoring_refuses_bad_features_and_keeps_them(command, ran, tmp_path):
    (good,) = ran.store.glob("features/*/features.parquet")
    with DuckDB() as engine:
        engine.write(f"select * replace (-1 as visitors) from '{good}' limit 5", tmp_path / "in.parquet")

    out = tmp_path / "out.parquet"
    words = ("score", f"features={tmp_path / 'in.parquet'}", out)

    answer = command(*words, store=ran.store)

    assert answer.code == 2  # no row is good
    assert "visitors:minimum: 5 rows" in answer.err
    assert not (tmp_path / "out.parquet").exists()
    assert (tmp_path / "out.features-quarantine.parquet").exists()
