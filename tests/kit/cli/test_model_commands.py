"""What a user of the model sees: the run, refusals, versions, scores."""

import json
import re
from dataclasses import replace

import pytest
import yaml

from datadevops.models import Limits, remedies
from shop_forecast import model


@pytest.mark.parametrize("when", ["< '2025-01-10'", "= '2025-01-10 12:00:00'"])
def test_too_little_data_to_evaluate_on(command, altered, when):
    answer = command("run", "--source", altered(f"from sample where opened_at {when}"))

    assert answer.code == 2
    assert "error[ML005]" in answer.err


@pytest.fixture
def narrower(own):
    """A product whose features contract lacks a column that the champion needs."""
    path = own.contracts / "features.yaml"
    content = yaml.safe_load(path.read_text())
    (table,) = content["schema"]
    table["properties"] = [each for each in table["properties"] if each["name"] != "takings"]
    path.write_text(yaml.safe_dump(content))
    return own


def test_a_champion_with_other_columns_cannot_be_compared_and_stays(command, ran, sample, narrower):
    answer = command("run", "--source", sample, store=ran.store, product=narrower)

    assert answer.code == 3
    assert "error[ML007]" in answer.err
    assert "skill against the champion: NOT RUN: takings is gone, must be" in answer.err


@pytest.fixture
def relaxed(own):
    """A product where a feature that was required may be null."""
    path = own.contracts / "features.yaml"
    content = yaml.safe_load(path.read_text())
    (column,) = (each for each in content["schema"][0]["properties"] if each["name"] == "visitors")
    assert column.pop("required")
    path.write_text(yaml.safe_dump(content))
    return own


def test_a_champion_is_compared_while_a_column_that_may_be_null_now_has_values(command, ran, sample, relaxed):
    answer = command("run", "--source", sample, store=ran.store, product=relaxed)

    assert re.search(r"ok +skill against the champion +[+-]0\.\d+ \.\. ", answer.out)
    assert "ML007" not in answer.err


def test_a_champion_that_does_not_take_nulls_is_not_compared_on_rows_with_nulls(
    command, ran, sample, relaxed
):
    path = relaxed.transforms / "features.sql"
    line = "        visitors,\n"
    assert line in path.read_text()
    null_at_noon = "case when hour(opened_at) <> 12 then visitors end as visitors,\n"
    path.write_text(path.read_text().replace(line, null_at_noon))

    answer = command("run", "--source", sample, store=ran.store, product=relaxed)

    assert answer.code == 3
    why = r"visitors may be null now and is in \d+ rows; the champion does not take nulls"
    assert re.search(f"skill against the champion: NOT RUN: {why}", answer.err)


def test_a_champion_with_other_columns_scores_nothing(command, ran, sample, tmp_path, narrower):
    answer = command("score", sample, tmp_path / "out.parquet", store=ran.store, product=narrower)

    assert answer.code == 2
    assert "error[ML008]" in answer.err


def test_a_champion_with_other_enum_values_scores_nothing(command, ran, sample, tmp_path, own):
    path = own.contracts / "features.yaml"
    path.write_text(path.read_text().replace("value: night", "value: nighttime"))

    answer = command("score", sample, tmp_path / "out.parquet", store=ran.store, product=own)

    assert answer.code == 2
    assert "error[ML008]" in answer.err
    assert "does not fit features.yaml: part_of_day has other enum values" in answer.err


def test_choosing_a_champion_with_other_columns_warns_that_it_cannot_be_used(command, ran_twice, narrower):
    second = ran_twice.facts["versions"]["champion"]

    back = command("models", "rollback", store=ran_twice.store, product=narrower)
    forth = command("models", "promote", second, store=ran_twice.store, product=narrower)

    for answer in (back, forth):
        assert answer.code == 0
        assert "it does not fit the contract of the features: takings is gone;" in answer.out
        assert "run` publishes none of its predictions, the service refuses it (ML008)" in answer.out
        assert "publishes its predictions" not in answer.out


def test_a_group_outside_the_key_is_refused_before_training(command, sample, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(model, "GROUP", "shpo")

    answer = command("run", "--source", sample)

    assert answer.code == 2
    assert "error[ML002]" in answer.err
    assert "'shpo'" in answer.err
    assert "name one of shop, opened_at" in answer.err


def test_a_feature_from_a_column_known_only_after_the_outcome_is_refused(command, own, sample):
    path = own.contracts / "sources" / "source.yaml"
    content = yaml.safe_load(path.read_text())
    (takings,) = (each for each in content["schema"][0]["properties"] if each["name"] == "takings")
    takings["customProperties"].append({"property": "knownAfterOutcome", "value": True})
    path.write_text(yaml.safe_dump(content))

    answer = command("run", "--source", sample, product=own)

    assert answer.code == 2
    assert "error[ML001]" in answer.err
    assert "takings_change_1h comes from source.takings" in answer.err


def test_fewer_feature_rows_than_source_rows_are_reported(command, own, shorter, tmp_path):
    path = own.transforms / "features.sql"
    path.write_text(path.read_text() + "where hour(opened_at) % 3 = 0")

    answer = command("run", "--source", shorter, product=own)

    page = " ".join((tmp_path / "store" / "report.html").read_text(encoding="utf-8").split())
    assert re.search(r"features +1,416 rows, from source", answer.out)
    assert re.search(r"1,416</td>\s*<td>source", page)


def test_a_refused_candidate_is_reported_with_figure_and_bound_and_the_champion_stays(
    command, ran, shorter, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(model, "LIMITS", replace(model.LIMITS, skill=0.9))

    answer = command("run", "--source", shorter, store=ran.store)

    assert answer.code == 1
    assert "error[ML006]" in answer.err
    assert re.search(
        r"skill over persistence: \+0\.\d+ \.\. \+0\.\d+, must be wholly > 0\.9\n    first: ", answer.err
    )
    assert f"    first: {remedies.SKILL}\n" in answer.err
    listed = json.loads(command("models", "list", "--json", store=ran.store).out)
    assert [version["alias"] for version in listed] == ["challenger", "champion"]
    assert listed[1]["version"] == ran.facts["versions"]["champion"]


@pytest.mark.parametrize(("skill", "id_", "asks"), [(0.9, "ML006", True), (0.0, "ML007", False)])
def test_a_refusal_points_to_what_not_run_means_if_a_check_is_not_run(
    command, shorter, monkeypatch: pytest.MonkeyPatch, skill, id_, asks
):
    monkeypatch.setattr(model, "LIMITS", Limits(skill=skill, calibration_error=0.2, blocks=99))

    answer = command("run", "--source", shorter)

    assert f"error[{id_}]" in answer.err
    assert "days to evaluate on: NOT RUN: " in answer.err
    assert "data by year or month rarely has 20 times: then leave the time out of the key" in answer.err
    assert ("says nothing of the model: `shop-forecast explain ML007`" in answer.err) is asks


@pytest.fixture
def refused(command, ran, shorter, monkeypatch: pytest.MonkeyPatch):
    """The store of a run, with a later version that the gate refused."""
    monkeypatch.setattr(model, "LIMITS", replace(model.LIMITS, skill=0.9))
    assert command("run", "--source", shorter, store=ran.store).code == 1
    return ran.store


def test_a_version_that_the_gate_refused_is_promoted_with_a_warning(command, refused):
    newest, before = json.loads(command("models", "list", "--json", store=refused).out)

    wrong = command("models", "promote", newest["version"], store=refused)
    right = command("models", "promote", before["version"], store=refused)

    assert (wrong.code, right.code, right.err) == (0, 0, "")
    first, *checks = wrong.err.splitlines()
    back = "if you meant another one, `shop-forecast models rollback` goes back"
    assert first == f"warning: {newest['version']} did not pass the gate; {back}"
    assert re.fullmatch(r"  skill over persistence: \+0\.\d+ \.\. \+0\.\d+, must be wholly > 0\.9", checks[0])
    assert f"champion is {newest['version']}; " in wrong.out


def test_models_are_listed_promoted_and_rolled_back(command, ran_twice):
    first, second = ran_twice.facts["champion_before"], ran_twice.facts["versions"]["champion"]

    listed = json.loads(command("models", "list", "--json", store=ran_twice.store).out)
    back = command("models", "rollback", store=ran_twice.store)
    after = command("models", "list", store=ran_twice.store).out
    again = command("models", "rollback", store=ran_twice.store)
    forth = command("models", "promote", second, store=ran_twice.store)

    assert {model["version"]: model["alias"] for model in listed} == {first: "", second: "champion"}
    assert (back.code, again.code, forth.code) == (0, 2, 0)
    told = "`shop-forecast run` publishes its predictions, `shop-forecast model-card` writes its card"
    assert f"champion is {first}; {told}" in back.out
    assert back.out.endswith(f"\nto undo: `shop-forecast models promote {second}`\n")
    ends = {line.split()[0]: line.split("  ")[-1] for line in after.splitlines()}
    assert ends == {first: "champion", second: "rolled back"}
    assert "rolled back" not in command("models", "list", store=ran_twice.store).out
    assert "error[ST003]" in again.err


def test_the_status_says_since_when_the_champion_is_in_use(command, ran_twice):
    log = ran_twice.store / "models" / "log.jsonl"
    first, last = log.read_text().splitlines()
    log.write_text(f"{re.sub('20..-', '2019-', first)}\n{last}\n")

    found = json.loads(command("status", "--json", store=ran_twice.store).out)

    last = json.loads(last)
    assert found["champion"] == found["predicted_by"] == last["version"]
    assert found["promoted_at"] == last["at"]


def test_a_challenger_is_chosen_without_a_word_about_the_gate_and_the_champion_stays(command, refused):
    newest, before = json.loads(command("models", "list", "--json", store=refused).out)

    answer = command("models", "promote", newest["version"], "--as", "challenger", store=refused)

    assert (answer.code, answer.out, answer.err) == (0, f"challenger is {newest['version']}\n", "")
    after = json.loads(command("models", "list", "--json", store=refused).out)
    assert [each["alias"] for each in after] == ["challenger", "champion"]
    assert after[1]["version"] == before["version"]


def test_a_damaged_version_does_not_hide_the_others(command, ran):
    (manifest,) = ran.store.glob("models/*/manifest.json")
    manifest.write_text("{")

    answer = command("models", "list", store=ran.store)

    assert answer.code == 0
    assert f"{manifest.parent.name}  damaged  champion" in answer.out
    (found,) = json.loads(command("models", "list", "--json", store=ran.store).out)
    assert found["damaged"] is True


def test_a_damaged_log_is_named_with_its_path(command, ran):
    (ran.store / "models" / "log.jsonl").write_text("{broken\n")

    answer = command("status", store=ran.store)

    assert answer.code == 2
    assert f"error[ST005] {ran.store}/models/log.jsonl is damaged" in answer.err


def test_labels_that_training_cannot_use_stop_the_run(command, own, sample):
    path = own.transforms / "labels.sql"
    path.write_text(path.read_text() + " cross join range(2)")

    answer = command("run", "--source", sample, product=own)

    assert answer.code == 2
    assert "error[DQ007]" in answer.err
    assert "key:duplicate: 21,696 rows, e.g. shop market, opened_at 2025-01-01" in answer.err


@pytest.mark.parametrize("version", ["../models", "/etc", "", "zzz", "0" * 13])
def test_an_invalid_version_cannot_be_promoted(command, ran, version):
    answer = command("models", "promote", version, store=ran.store)

    assert answer.code == 2
    assert "error[ST001]" in answer.err
