"""What a user sees when a contract is drafted for a table that the product makes."""

import shutil
from dataclasses import replace

import pytest
import yaml

import shop_crowds
import shop_forecast
import shop_visitors
from datadevops.contract import odcs, target, todos

MADE = ("features", "labels", "predictions")


@pytest.fixture
def bare(command, homes, forecast, tmp_path, monkeypatch):
    """bare(product): (a copy of it without the contracts of what it makes, the command for it)."""

    def make(product):
        copy = replace(product, at=shutil.copytree(product.folder, tmp_path / "bare" / product.package))
        for table in MADE:
            (copy.contracts / f"{table}.yaml").unlink()
        monkeypatch.setenv(f"{product.prefix}HOME", str(homes(forecast)))
        monkeypatch.setenv(f"{product.prefix}LOCAL", "yes")
        return copy, lambda *words: command(*words, product=copy)

    return make


@pytest.mark.parametrize("package", [shop_forecast, shop_visitors, shop_crowds], ids=lambda p: p.__name__)
def test_three_drafts_make_contracts_that_say_what_is_predicted_as_the_ones_written_by_hand(bare, package):
    product, command = bare(package.PRODUCT)

    answers = [command("new-contract", table) for table in MADE]

    assert [(answer.code, answer.err) for answer in answers] == [(0, "")] * 3
    drafted, written = (target.of(odcs.load_all(each.contracts)) for each in (product, package.PRODUCT))
    assert drafted.kind == written.kind
    assert sorted(drafted.classes) == sorted(written.classes)
    for table in MADE:
        ours, theirs = (odcs.load(each.contracts / f"{table}.yaml") for each in (product, package.PRODUCT))
        assert ours.keys == theirs.keys
        assert ours.sql_types.keys() == theirs.sql_types.keys()


def test_a_run_goes_through_with_drafted_contracts(bare):
    _, command = bare(shop_forecast.PRODUCT)
    for table in MADE:
        command("new-contract", table)

    answer = command("run")

    assert answer.code == 0, answer.err
    assert "gate         passed" in answer.out


def test_a_run_goes_through_with_a_null_without_a_type_as_the_draft_says(bare):
    product, command = bare(shop_forecast.PRODUCT)
    labels = product.transforms / "labels.sql"
    sql = "select * replace (null as unknown_because) from ({}) as l where label is not null"
    labels.write_text(sql.format(labels.read_text(encoding="utf-8")), encoding="utf-8")

    drafts = [command("new-contract", table) for table in MADE]
    answer = command("run")

    assert "which all keep it" in drafts[1].out
    assert answer.code == 0, answer.err


def test_each_draft_ends_with_the_command_that_is_due_next(bare):
    _, command = bare(shop_forecast.PRODUCT)

    ends = [command("new-contract", table).out.splitlines()[-1] for table in MADE]

    due = ("new-contract labels", "new-contract predictions", "run")
    assert ends == [f"Then: shop-forecast {each}" for each in due]


@pytest.fixture
def leaking(bare):
    """(product, command): its features use a column of the source that is known only after the outcome."""
    product, command = bare(shop_forecast.PRODUCT)
    source = product.contracts / "sources" / "source.yaml"
    content = yaml.safe_load(source.read_text(encoding="utf-8"))
    (marked,) = [each for each in content["schema"][0]["properties"] if each["name"] == "queue_minutes"]
    marked["customProperties"] = [{"property": "knownAfterOutcome", "value": True}]
    source.write_text(yaml.safe_dump(content), encoding="utf-8")
    sql = "select shop, opened_at, queue_minutes as waited\nfrom source"
    (product.transforms / "features.sql").write_text(sql, encoding="utf-8")
    return product, command


LEAK = (
    "features.sql uses columns that are known only after the outcome",
    "waited comes from source.queue_minutes",
)


def test_features_that_use_the_outcome_are_not_drafted(leaking):
    product, command = leaking

    refused(command, "features", "ML001", *LEAK)

    assert not (product.contracts / "features.yaml").exists()


@pytest.mark.parametrize("labels", [True, False], ids=["with labels.sql", "before labels.sql"])
def test_a_check_refuses_features_that_use_the_outcome_while_other_parts_are_missing(leaking, labels):
    product, command = leaking
    if not labels:
        (product.transforms / "labels.sql").unlink()

    answer = command("contract", "check")

    assert answer.code == 2
    assert all(part in answer.err for part in ("error[ML001]", *LEAK))


def test_a_table_between_gets_a_contract_of_its_own_and_descriptions_of_the_sources(bare):
    product, command = bare(shop_forecast.PRODUCT)
    source = odcs.load(product.contracts / "sources" / "source.yaml")
    described = next(column for column in source.columns if not column.key and column.description)
    sql = f"select {', '.join(source.keys)}, {described.name} from source"
    (product.transforms / "middle.sql").write_text(sql, encoding="utf-8")

    answer = command("new-contract", "middle")
    drafted = odcs.load(product.contracts / "middle.yaml")

    assert (answer.code, answer.err) == (0, "")
    assert f"{drafted.path}: drafted from " in answer.out
    assert "Known only after the outcome" not in answer.out
    assert (drafted.keys, drafted.location) == (source.keys, None)
    assert {c.name: c.description for c in drafted.columns}[described.name] == described.description


def test_a_column_that_sql_takes_over_keeps_its_meaning_and_a_computed_one_is_a_todo(bare):
    product, command = bare(shop_forecast.PRODUCT)
    source = odcs.load(product.contracts / "sources" / "source.yaml")
    said = {column.name: column.description for column in source.columns}
    (product.transforms / "hours.sql").write_text(
        "select shop, opened_at, queue_minutes as waited, queue_minutes * 60 as seconds from source", "utf-8"
    )
    (product.transforms / "features.sql").write_text(
        "select shop, opened_at, waited as last_wait, seconds as queue_minutes from hours", "utf-8"
    )

    command("new-contract", "features")
    through_sql = {c.name: c.description for c in odcs.load(product.contracts / "features.yaml").columns}

    assert through_sql["shop"] == said["shop"]
    assert through_sql["last_wait"] == said["queue_minutes"]
    assert through_sql["queue_minutes"] == "TODO: what it is, and its unit"

    (product.contracts / "features.yaml").unlink()
    command("new-contract", "hours")
    hours = product.contracts / "hours.yaml"
    text = hours.read_text(encoding="utf-8")
    hours.write_text(text.replace("TODO: what it is, and its unit", "How long people waited, s."), "utf-8")
    command("new-contract", "features")
    through_contract = {c.name: c.description for c in odcs.load(product.contracts / "features.yaml").columns}

    assert through_contract["last_wait"] == said["queue_minutes"]
    assert through_contract["queue_minutes"] == "How long people waited, s."


def test_what_a_join_may_not_find_is_not_required_although_no_row_lacks_it(bare):
    product, command = bare(shop_forecast.PRODUCT)
    (product.transforms / "features.sql").write_text(
        "select s.shop, s.opened_at, s.visitors, other.visitors as same from source as s "
        "left join source as other on other.shop = s.shop and other.opened_at = s.opened_at",
        encoding="utf-8",
    )

    answer = command("new-contract", "features")
    drafted = {column.name: column for column in odcs.load(product.contracts / "features.yaml").columns}

    assert (answer.code, answer.err) == (0, "")
    assert (drafted["visitors"].required, drafted["same"].required) == (True, False)


def test_what_a_draft_can_know_of_a_model_s_tables_is_no_todo(bare):
    product, command = bare(shop_forecast.PRODUCT)
    for table in MADE:
        command("new-contract", table)

    left = {
        todo.text
        for todo in todos.left(product.contracts)
        if todo.path.stem in MADE and not todo.name and todo.text.startswith("TODO: ")
    }

    assert left == {
        "TODO: what decision it supports",  # the answer that a test has not given
        "TODO: who uses it, and how a forecast becomes a decision",
        "TODO: what it was learnt from, and what it must not be used for",
    }
    for table in ("features", "labels"):
        assert "\n  limitations: Those of source.\n" in (product.contracts / f"{table}.yaml").read_text(
            "utf-8"
        )


def test_predictions_promise_what_the_objectives_keep(bare, homes, forecast, tmp_path, monkeypatch):
    product, command = bare(shop_forecast.PRODUCT)
    home = shutil.copytree(homes(forecast), tmp_path / "home")
    monkeypatch.setenv(f"{product.prefix}HOME", str(home))
    for table in MADE:
        command("new-contract", table)

    promised = odcs.load(product.contracts / "predictions.yaml").sla_properties
    answer = command("slo", "render")

    assert {each["property"] for each in promised} == {"availability", "freshness"}
    assert answer.code == 0, answer.err


@pytest.fixture
def chain(statistics, tmp_path):
    """A data pipeline whose totals are made from its days; neither has a contract."""
    copy = replace(statistics, at=shutil.copytree(statistics.folder, tmp_path / "chain" / statistics.package))
    (copy.contracts / "datasets" / "shop_days.yaml").unlink()
    sql = "select shop, sum(queue_minutes) as queue_minutes from shop_days group by shop"
    (copy.transforms / "totals.sql").write_text(sql, encoding="utf-8")
    return copy


def test_of_a_table_that_other_sql_reads_the_draft_says_that_no_run_publishes_it(chain, command):
    answer = command("new-contract", "shop_days", product=chain)

    drafted = chain.contracts / "shop_days.yaml"
    assert (answer.code, answer.err) == (0, "")
    assert f"{drafted}: drafted from " in answer.out
    assert "No run publishes it: it is a table between, as the SQL of totals reads it." in answer.out
    assert f"then: {chain.command} new-contract shop_days --publish" in answer.out


def test_a_table_that_other_sql_reads_is_published_too_if_that_is_asked_for(chain, command):
    answers = [command("new-contract", "shop_days", "--publish", product=chain)]
    answers += [command("new-contract", "totals", product=chain), command("run", product=chain)]

    assert [(answer.code, answer.err) for answer in answers] == [(0, "")] * 3
    assert not any("No run publishes it" in answer.out for answer in answers)
    assert sorted(chain.datasets) == ["shop_days", "totals"]
    assert "partitionGrain on" in answers[0].out


@pytest.mark.parametrize("words", [["features"], ["predictions"]], ids=" ".join)
def test_a_model_service_publishes_its_predictions_and_no_other_table(bare, words):
    product, command = bare(shop_forecast.PRODUCT)

    answer = command("new-contract", *words, "--publish")

    assert answer.code == 2
    assert "--publish is for a table that SQL of a data pipeline makes" in " ".join(answer.err.split())
    assert not (product.contracts / f"{words[0]}.yaml").exists()


FOLDERS = {"a table that is published": ("shop_days", "datasets"), "a table on the way to it": ("queues", "")}


@pytest.mark.parametrize(("table", "folder"), FOLDERS.values(), ids=FOLDERS)
def test_in_a_data_pipeline_what_no_other_sql_reads_is_a_dataset(
    statistics, command, tmp_path, table, folder
):
    product = replace(statistics, at=shutil.copytree(statistics.folder, tmp_path / statistics.package))
    days = product.transforms / "shop_days.sql"
    days.write_text(days.read_text(encoding="utf-8").replace("from source", "from queues"), encoding="utf-8")
    sql = "select shop, opened_at, queue_minutes from source"
    (product.transforms / "queues.sql").write_text(sql, encoding="utf-8")
    (product.contracts / "datasets" / "shop_days.yaml").unlink()

    answer = command("new-contract", table, product=product)
    again = command("new-contract", table, product=product)

    drafted = product.contracts / folder / f"{table}.yaml"
    assert (answer.code, answer.err) == (0, "")
    assert odcs.load_all(product.contracts)[table].path == drafted
    assert again.code == 2
    assert f"there is a contract already: {drafted}" in again.err


def test_text_that_a_model_cannot_take_is_a_decision(bare):
    product, command = bare(shop_forecast.PRODUCT)
    sql = (product.transforms / "features.sql").read_text(encoding="utf-8").rstrip().rstrip(";")
    wordy = f"select *, 'number ' || row_number() over () as words from ({sql}) as features"
    (product.transforms / "features.sql").write_text(wordy, encoding="utf-8")

    answer = command("new-contract", "features")

    assert "Text without an enum: words. A model cannot take it" in answer.out


def refused(command, table, error, *parts):
    answer = command("new-contract", table)
    assert answer.code == 2
    assert f"error[{error}]" in answer.err
    for part in parts:
        assert part in answer.err


@pytest.mark.parametrize(("table", "missing"), [("labels", "features"), ("predictions", "features")])
def test_what_has_the_key_of_the_features_is_drafted_after_them(bare, table, missing):
    _, command = bare(shop_forecast.PRODUCT)

    refused(command, table, "CT001", f"contracts/{missing}.yaml is missing", f"new-contract {missing}")


def test_no_contract_is_written_over(bare):
    product, command = bare(shop_forecast.PRODUCT)
    written = product.contracts / "features.yaml"
    command("new-contract", "features")
    before = written.read_bytes()

    refused(command, "features", "CT020", f"there is a contract already: {written}")

    assert written.read_bytes() == before


LABELS = {
    "another name": ("label as price, unknown_because", "", "`price as label` if that is what is learnt"),
    "no reason": ("label", "", "`cast(null as varchar) as unknown_because` if each outcome is known"),
    "neither": ("label as price", "", "`price as label` if that is what is learnt; `cast(null as varchar)"),
    "a key twice": (
        "label, unknown_because",
        " union all by name from made",
        "no two rows may have the same",
    ),
}


@pytest.mark.parametrize(("columns", "more", "remedy"), LABELS.values(), ids=LABELS)
def test_labels_that_do_not_fit_the_features_are_refused_and_nothing_is_written(bare, columns, more, remedy):
    product, command = bare(shop_forecast.PRODUCT)
    command("new-contract", "features")
    keys = ", ".join(odcs.load(product.contracts / "features.yaml").keys)
    path = product.transforms / "labels.sql"
    sql = path.read_text(encoding="utf-8").rstrip().rstrip(";")
    path.write_text(f"with made as ({sql}) select {keys}, {columns} from made{more}", encoding="utf-8")

    refused(command, "labels", "ML010", f"let it give {keys}, label and unknown_because", remedy)

    assert not (product.contracts / "labels.yaml").exists()


def test_a_key_that_is_given_is_the_key(bare):
    product, command = bare(shop_forecast.PRODUCT)
    given = [*odcs.load(shop_forecast.PRODUCT.contracts / "features.yaml").keys]
    sql = (product.transforms / "features.sql").read_text(encoding="utf-8").rstrip().rstrip(";")
    more = f"select *, 'north-' || {given[0]} as region from ({sql}) as features"
    (product.transforms / "features.sql").write_text(more, encoding="utf-8")

    answer = command("new-contract", "features", "--key", ", ".join([*given, "region"]))

    assert (answer.code, answer.err) == (0, "")
    assert odcs.load(product.contracts / "features.yaml").keys == [*given, "region"]


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("shop", "rows have the same shop as another one"),
        ("shopp", "'shopp' cannot be in the key, did you mean"),
    ],
)
def test_a_key_that_identifies_no_row_is_refused(bare, key, told):
    product, command = bare(shop_forecast.PRODUCT)

    answer = command("new-contract", "features", "--key", key)

    assert answer.code == 2
    assert "error[CT022]" in answer.err
    assert told in answer.err
    assert not (product.contracts / "features.yaml").exists()


def test_what_a_pipeline_publishes_gets_a_promise_and_what_it_reads_on_the_way_a_contract(
    command, statistics, tmp_path
):
    copy = replace(statistics, at=shutil.copytree(statistics.folder, tmp_path / "bare" / statistics.package))
    (written,) = (copy.contracts / "datasets").glob("*.yaml")
    table, keys = written.stem, odcs.load(written).keys
    written.unlink()
    sql = copy.transforms / f"{table}.sql"
    sql.rename(copy.transforms / "middle.sql")
    sql.write_text("select * from middle", encoding="utf-8")

    answers = [command("new-contract", each, product=copy) for each in ("middle", table)]

    assert [(answer.code, answer.err) for answer in answers] == [(0, "")] * 2
    between, promise = (
        odcs.load(copy.contracts / f"{each}.yaml") for each in ("middle", f"datasets/{table}")
    )
    assert (promise.keys, promise.is_dataset, between.is_dataset) == (keys, True, False)
    assert ["partitionGrain on" in answer.out for answer in answers] == [False, True]
    assert "# TODO: promise consumers" in promise.path.read_text(encoding="utf-8")
