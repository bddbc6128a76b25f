"""What a user of any product sees before and after a run."""

import json
import re
from datetime import UTC, datetime

import pytest


@pytest.fixture(params=["forecast", "statistics"])
def product(request):
    return request.getfixturevalue(request.param)


def test_before_the_first_run_status_says_what_to_do(command, product):
    answer = command("status")

    assert answer.code == 2
    assert f"there is no {'champion' if product.serves else 'published'} version yet" in answer.err
    assert "run` makes one" in answer.err


def test_a_run_prints_its_figures_and_json_has_the_same(command, ran, product):
    plain = command("run", store=ran.store)
    data = json.loads(command("run", "--json", store=ran.store).out)

    assert plain.code == 0
    assert "10,850 rows: 10,848 good, 2 in quarantine, the newest of 2025-05-31\n" in plain.out
    assert bool(re.search(r"features +10,848 rows, from source", plain.out)) is product.serves
    assert data["versions"]["candidate" if product.serves else "shop_days"] in plain.out
    assert data["checks"]["source"]["bad"] == 2
    assert data["sources"]["source"]["newest"] == "2025-05-31T23:00:00"
    assert "\x1b" not in plain.out + plain.err


def test_columns_of_the_sql_that_the_contract_lacks_are_named_in_one_line(command, ran, own):
    name = "features" if own.serves else "shop_days"
    sql = own.transforms / f"{name}.sql"
    sql.write_text(f"select *, 2 as double, 3 as triple from ({sql.read_text().rstrip()})")

    answer = command("run", store=ran.store, product=own)

    said = "2 columns are not in the contract, so they are left out: double, triple"
    assert re.search(rf"{name} .*\n( +.*\n)*? +{said}\n", answer.out), answer.out + answer.err
    assert re.search(r"does not name them:\s+(<\w+>)?double\b", (ran.store / "report.html").read_text())


@pytest.fixture
def log(tmp_path):
    return tmp_path / "events.jsonl"


def events(log):
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_a_run_writes_openlineage_events_on_request(command, ran, product, log):
    published = "predictions" if product.serves else "shop_days"

    command("run", "--openlineage", log, store=ran.store)

    found, made = events(log), ["features", "labels", published] if product.serves else [published]
    assert [event["job"]["name"] for event in found if event["eventType"] == "COMPLETE"] == [
        *(f"{product.command}.{table}" for table in made),
        product.command,
    ]
    (written,) = found[-1]["outputs"]
    assert written["facets"]["version"]["datasetVersion"] == ran.facts["versions"][published]
    assert written["name"].startswith(f"{ran.store}/{published}")


def test_an_unreachable_source_is_a_fail_event(command, log):
    command("run", "--source", "no://where/in.parquet", "--openlineage", log)

    assert [event["eventType"] for event in events(log)] == ["START", "FAIL"]
    assert events(log)[1]["inputs"][0]["name"] == "in.parquet"


def test_an_openlineage_file_in_a_missing_folder_is_refused_at_once(command, tmp_path):
    answer = command("run", "--openlineage", tmp_path / "no" / "events.jsonl", store=tmp_path / "store")

    assert answer.code == 2
    assert f"error[DQ001] {tmp_path / 'no'}: there is no such folder" in answer.err
    assert not (tmp_path / "store").exists()


def test_a_folder_as_openlineage_file_is_refused_at_once(command, tmp_path):
    answer = command("run", "--openlineage", tmp_path, store=tmp_path / "store")

    assert answer.code == 2
    assert f"error[DQ002] {tmp_path} is a folder" in answer.err
    assert not (tmp_path / "store").exists()


def test_a_file_that_the_user_names_must_be_there_also_after_a_good_run(command, ran, tmp_path):
    answer = command("run", "--source", tmp_path / "none.parquet", store=ran.store)

    assert answer.code == 2
    assert f"error[DQ001] {tmp_path}/none.parquet: there is no such file" in answer.err


def test_before_anything_was_accepted_the_place_in_the_contract_must_have_a_file(command, own, tmp_path):
    path = own.contracts / "sources" / "source.yaml"
    path.write_text(path.read_text().replace("data/shops.parquet", "data/none.parquet"))

    answer = command("run", product=own)

    assert answer.code == 2
    assert re.search(r"error\[DQ001\] \S+data/none.parquet: there is no such file, and no ", answer.err)
    assert "no dataset made from it is published" in answer.err or "no good version of source" in answer.err


def test_the_status_says_how_old_each_source_is_now(command, ran):
    plain = command("status", store=ran.store)
    (found,) = json.loads(command("status", "--json", store=ran.store).out)["sources"].values()

    assert re.search(r"^sources      source [0-9,]+ days old$", plain.out, re.MULTILINE)
    assert found["newest"] == "2025-05-31T23:00:00"
    newest = datetime(2025, 5, 31, 23, tzinfo=UTC)
    assert found["age_seconds"] == pytest.approx((datetime.now(UTC) - newest).total_seconds(), abs=60)
