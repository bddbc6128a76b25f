"""A product with two sources, one of them without a time, and features that are made in two steps."""

import re

import pytest

from datadevops.engine.duckdb_engine import DuckDB
from datadevops.errors import ContractError, RefusedError
from runs import rows, run_into


def test_features_are_made_from_two_sources_in_two_steps(wide, given, tmp_path):
    made = run_into(wide, tmp_path / "store", given)

    found = made.facts["tables"]
    assert {table: about["from"] for table, about in found.items()} == {
        "areas": [],
        "source": [],
        "hourly": ["source"],
        "labels": ["source"],
        "features": ["areas", "hourly"],
    }
    assert found["hourly"]["rows"] == found["features"]["rows"] == found["source"]["rows"]
    assert made.facts["checks"]["areas"]["broken"] == {"area_m2:minimum": 1}
    features = made.store / "features" / made.facts["versions"]["features"] / "features.parquet"
    assert rows(f"select count(distinct area_m2) from '{features}'") == [(3,)]
    page = made.report.file("report.html").read_text()
    assert page.count("<rect") == len(found)
    assert "areas, hourly" in page


def test_another_file_of_one_source_makes_again_what_is_made_from_it_and_nothing_else(wide, given, tmp_path):
    run_into(wide, tmp_path / "store", given)
    with DuckDB() as engine:
        engine.read("areas", given["areas"])
        engine.write("select shop, area_m2 + 1 as area_m2 from areas", tmp_path / "other.parquet")

    again = run_into(wide, tmp_path / "store", {**given, "areas": tmp_path / "other.parquet"})

    assert {"areas", "features", "models"} <= {*again.steps}
    assert not {"source", "hourly", "labels"} & {*again.steps}
    assert again.facts["tables"]["hourly"]["seconds"] is None
    assert again.facts["tables"]["features"]["seconds"] is not None


def test_each_source_has_its_own_share_of_bad_rows(wide, given, areas, tmp_path):
    path = wide.contracts / "sources" / "areas.yaml"
    path.write_text(path.read_text().replace("0.3", "0.2"))

    with pytest.raises(RefusedError, match=r"(?s)areas.*area_m2:minimum"):
        run_into(wide, tmp_path / "store", given)


MARKED = "customProperties: [{property: knownAfterOutcome, value: true}]"


def test_a_column_known_after_the_outcome_is_refused_through_every_step_and_source(wide, given, tmp_path):
    path = wide.contracts / "sources" / "areas.yaml"
    path.write_text(path.read_text().replace("maximum: 9000}}", "maximum: 9000}, " + MARKED + "}"))

    with pytest.raises(ContractError, match=r"(?s)ML001.*features\.sql.*area_m2 comes from areas\.area_m2"):
        run_into(wide, tmp_path / "store", given)


def test_a_filter_on_it_in_a_step_before_is_refused_too(wide, given, tmp_path):
    hourly = wide.transforms / "hourly.sql"
    hourly.write_text(hourly.read_text() + " where complaints > 0")  # a column of the source, see below
    hourly.write_text(hourly.read_text().replace("        shop,\n", "        shop, complaints,\n", 1))

    with pytest.raises(ContractError, match=r"(?s)ML001.*depend on source\.complaints"):
        run_into(wide, tmp_path / "store", given)


def test_features_that_read_the_labels_are_refused(wide, given, tmp_path):
    sql = wide.transforms / "features.sql"
    sql.write_text(f"{sql.read_text()} left join labels using (shop, opened_at)")

    with pytest.raises(ContractError, match=r"ML001.*features\.sql reads the labels"):
        run_into(wide, tmp_path / "store", given)


def test_a_file_is_given_for_one_source_and_the_newest_good_rows_of_the_others_are_taken(
    shell, given, tmp_path
):
    before = shell("score", f"source={given['source']}", tmp_path / "out.parquet")
    ran = shell("run")
    (tmp_path / "home" / "data" / "areas.parquet").unlink()

    after = shell("score", f"source={given['source']}", tmp_path / "out.parquet")

    assert (before.code, ran.code, after.code) == (2, 0, 0), before.err + after.err
    assert re.search(r"areas +4 rows: 3 good, 1 in quarantine", ran.out)
    assert re.search(r"features +[0-9,]+ rows, from areas, hourly", ran.out)
    assert "rows scored" in after.out


SAID = {
    "no table": (["run", "--source", "x.parquet"], "x.parquet does not say which table it is for"),
    "a misspelt table": (["run", "--source", "area=x.parquet"], "did you mean 'areas'?"),
    "a table twice": (["run", "--source", "areas=x", "--source", "areas=y"], "areas is given twice: x and y"),
    "features beside a source": (
        ["score", "features=x", "areas=y", "out.parquet"],
        "both cannot be given",
    ),
}


def test_what_is_unclear_about_a_file_is_said(shell):
    answers = {name: shell(*words) for name, (words, _) in SAID.items()}

    assert {name: answer.code for name, answer in answers.items()} == dict.fromkeys(SAID, 2)
    wrong = [name for name, (_, told) in SAID.items() if told not in answers[name].err]
    assert wrong == [], {name: answers[name].err for name in wrong}
