"""`run --dry-run` says what a run would do, and does nothing of it."""

import json
import re

import pytest
import yaml


@pytest.fixture(params=["forecast", "statistics"])
def product(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def shorter(altered):
    """The newest two of its five months: days that the champion has not learnt."""
    return altered("from sample where opened_at >= '2025-04-01'")


def contents(folder):
    """Everything below the folder: the bytes of files, and when each was written last."""
    found = [path for path in folder.rglob("*") if path.name != ".lock"]
    return {
        path.relative_to(folder).as_posix(): (path.is_file() and path.read_bytes(), path.lstat().st_mtime_ns)
        for path in found
    }


def versions(store):
    """Every version of every table and partition, by its folder."""
    return {path.parent.relative_to(store).as_posix() for path in store.rglob("manifest.json")}


def listed(entries):
    return {f"{table}/{version}" for table, ids in entries.items() for version in ids}


def keep_two(product):
    """Let the product keep two versions, which is fewer than the store has after the next run."""
    (path,) = [*product.contracts.glob("predictions.yaml"), *product.contracts.glob("datasets/*.yaml")]
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    kept = {"property": "keepVersions", "value": 2}
    (table,) = content["schema"]
    others = [each for each in table.get("customProperties", []) if each["property"] != kept["property"]]
    table["customProperties"] = [*others, kept]
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def test_what_it_announces_is_what_the_run_then_does_and_until_then_nothing_changes(
    command, ran_twice, own, shorter
):
    store = ran_twice.store
    keep_two(own)
    before, old = contents(store), versions(store)

    answer = command("run", "--dry-run", "--json", "--source", shorter, product=own, store=store)
    after = contents(store)
    done = command("run", "--json", "--source", shorter, product=own, store=store)

    assert (answer.code, done.code, after) == (0, 0, before)
    told, new = json.loads(answer.out)["dry_run"], versions(store)
    assert listed(told["make"]) == {each for each in new - old if not each.startswith("reports/")}
    assert listed(told["delete"]) == old - new
    published = json.loads(done.out)["versions"]
    assert {each["version"] for each in told["publish"]} <= {*published.values()}
    assert all(each["replaces"] for each in told["publish"])
    assert (told["read"]["source"]["file"], told["read"]["source"]["state"]) == (str(shorter), "new")


def test_before_the_first_run_it_makes_no_store(command, tmp_path, shorter):
    answer = command("run", "--dry-run", "--source", shorter, store=tmp_path / "store")

    assert answer.code == 0
    assert re.search(r"^    source +\S+altered.parquet: new; ", answer.out, re.MULTILINE)
    assert re.search(r"^    \w+ +(champion|published) \w{12}, the first one$", answer.out, re.MULTILINE)
    assert not (tmp_path / "store").exists()


def test_without_anything_new_it_says_so_and_names_the_limits(command, ran, product):
    answer = command("run", "--dry-run", store=ran.store)

    told = answer.out.partition("dry run      nothing was changed. A run now would\n")[2]
    assert re.search(r"    source +\S+shops.parquet: known, it arrived \d+ min ago; the newest row ", told)
    assert "    source         2 of 10,850 rows bad, at most 0.10 % may be\n" in told
    assert "  publish\n    nothing new\n  delete\n    nothing\n" in told


def test_a_source_that_is_absent_is_named_with_what_is_used_instead(command, ran, own):
    path = own.contracts / "sources" / "source.yaml"
    path.write_text(path.read_text().replace("data/shops.parquet", "data/none.parquet"))

    answer = command("run", "--dry-run", store=ran.store, product=own)

    used = r"what arrived \d+ min ago is used again"
    assert re.search(rf"    source +\S+data/none.parquet: nothing is there, so {used}", answer.out)


def test_a_broken_contract_ends_it_as_it_ends_a_run(command, own, tmp_path):
    path = own.contracts / "sources" / "source.yaml"
    path.write_text(path.read_text().replace("logicalType: number", "logicalType: nummer", 1))

    dry = command("run", "--dry-run", product=own, store=tmp_path / "store")
    real = command("run", product=own, store=tmp_path / "store")

    assert dry == real
    assert (dry.code, dry.out) == (2, "")


def test_an_error_of_its_run_names_the_store_and_says_that_nothing_was_kept(command, ran, altered):
    takings = "case when day(opened_at) = 3 then -1 else takings end"
    file = altered(f"select * replace ({takings} as takings) from sample")
    before = contents(ran.store)

    dry = command("run", "--dry-run", "--source", file, store=ran.store)
    after = contents(ran.store)
    real = command("run", "--source", file, store=ran.store)

    assert (dry.code, after) == (real.code, before)
    assert real.code == 1
    assert re.findall(r"error\[\w+\]", dry.err) == re.findall(r"error\[\w+\]", real.err)
    assert str(ran.store) in dry.err
    assert ".dry-run-" not in dry.out + dry.err
    assert "dry run: " in dry.err or "this was a dry run: " in dry.err


def test_nothing_leaves_this_machine(command, ran, own, monkeypatch, shorter):
    (path,) = [*own.contracts.glob("predictions.yaml"), *own.contracts.glob("datasets/*.yaml")]
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    place = "s3://nobody.invalid/published"
    content["servers"] = [{"server": "bucket", "type": "s3", "location": place, "format": "parquet"}]
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    monkeypatch.delenv(f"{own.prefix}LOCAL")
    monkeypatch.setenv(f"{own.prefix}PUSHGATEWAY", "http://127.0.0.1:9")

    answer = command("run", "--dry-run", "--source", shorter, product=own, store=ran.store)

    assert (answer.code, answer.err) == (0, "")
    assert re.search(rf"^    \w+ +published \w+, which replaces \w+; to {place}$", answer.out, re.MULTILINE)


def test_a_record_of_what_was_done_is_refused(command, tmp_path):
    answer = command("run", "--dry-run", "--openlineage", tmp_path / "events.jsonl", store=tmp_path / "store")

    assert answer.code == 2
    assert "--openlineage records what a run does, --dry-run does nothing: give one" in " ".join(
        answer.err.replace("│", " ").split()
    )
    assert not (tmp_path / "events.jsonl").exists()
