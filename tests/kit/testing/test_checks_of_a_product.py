"""The checks that every product runs: all pass for a product as it should be, and each is seen to fail."""

import re
import shutil
from contextlib import suppress
from dataclasses import replace

import pytest

import shop_forecast
import shop_statistics
from datadevops import testing
from datadevops.catalog import product_file
from datadevops.contract import odcs
from datadevops.errors import RefusedError
from datadevops.models import card
from datadevops.ops import alerts, own_objectives, runbooks
from datadevops.service import example
from datadevops.store import aliases
from datadevops.store.versions import Store
from datadevops.testing import operations
from runs import NOON

RELEASE = """PRODUCT = "shop"
WORDS = [PRODUCT, "status", "--json"]
"""


def runbook(alert, command):
    sections = "\n".join(f"## {name}\n\nText.\n" for name in runbooks.SECTIONS)
    query = f"```promql\n{alert.expr}\n```\n" if alert.name == "Watchdog" else '```promql\nup{job="x"}\n```\n'
    return f"# {alert.name}\n\n{query}\n```sh\n{command} status\ncurl http://example.com\n```\n\n{sections}"


def checkout(product, folder):
    """The product in a checkout of its own, with all that the checks read."""
    at = shutil.copytree(product.folder, folder / "src" / product.package)
    ops = shutil.copytree(at / "ops", folder / "ops")
    objectives = own_objectives.load(product, folder)
    for name, text in alerts.render(objectives, product.command).items():
        (ops / "generated").mkdir(exist_ok=True)
        (ops / "generated" / name).write_text(text, encoding="utf-8")
    (ops / "runbooks").mkdir()
    for alert in alerts.alerts(objectives):
        (ops / "runbooks" / f"{alert.name}.md").write_text(runbook(alert, product.command), encoding="utf-8")
    (folder / "product.odps.yaml").write_text(product_file.rendered(replace(product, at=at), folder))
    if product.serves:
        (folder / "docs").mkdir()
        (folder / card.FILE).write_text(contents(product))
    (folder / "ci").mkdir()
    (folder / "ci" / "release.py").write_text(RELEASE)
    request = ""
    if product.serves:
        body = example.body(odcs.load(product.contracts / "features.yaml")).decode()
        request = f"curl -s http://127.0.0.1:8000/v1/predict -d '{body}'"
    text = f"# Shops\n\n    uv run {product.command} status\n\n{request}\n\n[Objectives](ops/slo.yaml)\n"
    (folder / "README.md").write_text(text, encoding="utf-8")
    return replace(product, at=at)


def contents(product):
    """A model card that says what the contracts say, and describes no model yet."""
    return card.filled(card.new(product), card.CONTRACTS, card.of_contracts(odcs.load_all(product.contracts)))


def failing(product, tmp_path_factory, but=()):
    """Check -> what it says, of those that fail; those with a mark take minutes."""
    found = {}
    for check in testing.checks(product):
        if isinstance(check, testing.Check) and check.name not in but:
            try:
                with suppress(pytest.skip.Exception):
                    check(tmp_path_factory.mktemp("check"))
            except AssertionError as error:
                found[check.name] = str(error)
    return found


@pytest.mark.parametrize("product", [shop_forecast.PRODUCT, shop_statistics.PRODUCT], ids=lambda p: p.package)
def test_a_product_as_it_should_be_passes_every_check(product, tmp_path, tmp_path_factory):
    assert failing(checkout(product, tmp_path), tmp_path_factory) == {}


PACKAGE = "src/shop_forecast"
# check -> the file to spoil, old text, new text; no new text: the file is gone
FAULTS = {
    "no part of the product is missing": (f"{PACKAGE}/transforms/labels.sql", "", None),
    # whether é and É are the same letter differs by engine
    "source: all that checks a value agrees on every edge": (
        f"{PACKAGE}/contracts/sources/source.yaml",
        "enum: [{value: market, label: At the market}, {value: north}, {value: station}]",
        "logicalTypeOptions: {pattern: '(?i)[a-zé]+'}\n        examples: [café]",
    ),
    "source: made-up rows keep the contract": (
        f"{PACKAGE}/contracts/sources/source.yaml",
        "buyers > visitors",
        "takings > 5 * visitors",
    ),
    "SQL carries over to Spark, or says `duckdb only`": (
        f"{PACKAGE}/transforms/features.sql",
        "        buyers,",
        "        list_sum([buyers]) as buyers,",
    ),
    "no feature looks ahead": (
        f"{PACKAGE}/transforms/features.sql",
        "lag(visitors, 1)",
        "lead(visitors, 1)",
    ),
    operations.USABLE: ("ops/slo.yaml", "target: 0.995", "target: 0.99"),
    "ops/generated is what ops/slo.yaml says": ("ops/generated/rules.yml", "0.48", "0.49"),
    "the drift limit of ops/slo.yaml is that of the contract": (
        f"{PACKAGE}/contracts/features.yaml",
        "driftLimit, value: 0.25",
        "driftLimit, value: 0.3",
    ),
    "every alert has a runbook, and the other way round": ("ops/runbooks/DriftBreach.md", "", None),
    "every runbook has its sections and a query": (
        "ops/runbooks/DriftBreach.md",
        "## Stop the harm",
        "## Do something",
    ),
    "every command of a runbook can be typed": (
        "ops/runbooks/DriftBreach.md",
        "shop-forecast status",
        "shop-forecast statu",
    ),
    "every command of a release can be typed": ("ci/release.py", "--json", "--jsn"),
    "every query asks for series that exist": ("ops/runbooks/DriftBreach.md", "up{", "upp{"),
    "product.odps.yaml says what contracts and answers say": (
        "product.odps.yaml",
        "version: 1.0.0",
        "version: 1.0.1",
    ),
    "docs/model-card.md says what the contracts say": (
        "docs/model-card.md",
        "| temperature_c | number",
        "| temperature_c | integer",
    ),
    "docs/model-card.md describes no other model than the champion": (
        "docs/model-card.md",
        "<!-- end of champion -->",
        "",
    ),
    "every command in the documents can be typed": ("README.md", " status", " slo chek"),
    "every link in the documents leads somewhere": ("README.md", "ops/slo.yaml", "ops/slo.yml"),
    "the README's request keeps the contract": ("README.md", '"visitors":', '"visitrs":'),
}


SLOW = {  # a second each
    f"{contract}: all that checks a value agrees on every edge"
    for contract in ("features", "predictions", "source")
}


@pytest.mark.parametrize("check", FAULTS)
def test_a_fault_fails_the_check_that_looks_for_it_and_no_other(check, tmp_path, tmp_path_factory):
    product = checkout(shop_forecast.PRODUCT, tmp_path)
    name, old, new = FAULTS[check]
    file = tmp_path / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    if new is None:
        file.unlink()
    else:
        file.write_text(text.replace(old, new), encoding="utf-8")

    found = failing(product, tmp_path_factory, but=SLOW - {check})

    assert found.keys() == {check}
    assert re.match(rf"{re.escape(check)}: (1 fault|(?!1 )[\d,]+ faults)\n", found[check])


WRONG_OBJECTIVES = {  # the file, old text, new text, what is told
    "a promise that differs": (
        *(f"{PACKAGE}/contracts/predictions.yaml", "value: 99.5", "value: 99.9"),
        "availability: 0.995, but the contract of predictions promises 0.999",
    ),
    "a unit that nobody knows": (
        *(f"{PACKAGE}/contracts/predictions.yaml", "unit: percent", "unit: parts"),
        "availability: the contract of predictions must promise a number with a unit (percent, s, m, h, d): ",
    ),
    "a series that nothing exports": (
        *("ops/slo.yaml", "product_drift_psi", "product_drift"),
        "drift: nothing exports 'product_drift', did you mean 'product_drift_psi'?",
    ),
    "a form that is not the standard's": (
        *("ops/slo.yaml", "budgetingMethod: Timeslices", "budgetingMethod: Minutes"),
        '"Minutes" is not one of',
    ),
}


@pytest.mark.parametrize(("name", "old", "new", "told"), WRONG_OBJECTIVES.values(), ids=WRONG_OBJECTIVES)
def test_objectives_that_are_refused_are_one_fault(name, old, new, told, tmp_path, tmp_path_factory):
    product = checkout(shop_forecast.PRODUCT, tmp_path)
    text = (tmp_path / name).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new), encoding="utf-8")

    found = failing(product, tmp_path_factory, but=SLOW)

    assert found.keys() - {"docs/model-card.md says what the contracts say"} == {operations.USABLE}
    assert f"{tmp_path / 'ops' / 'slo.yaml'} " in found[operations.USABLE]
    assert told in found[operations.USABLE]
    assert "then run `shop-forecast slo render`" in found[operations.USABLE]


def test_checks_of_what_comes_from_refused_objectives_say_not_run(tmp_path):
    product = checkout(shop_forecast.PRODUCT, tmp_path)
    slo = tmp_path / "ops" / "slo.yaml"
    text = slo.read_text(encoding="utf-8").replace("product_drift_psi", "product_drift")
    slo.write_text(text, encoding="utf-8")

    not_run = {}
    for check in testing.checks(product):
        if isinstance(check, testing.Check) and check.name not in SLOW | {operations.USABLE}:
            try:
                check(tmp_path)
            except pytest.skip.Exception as reason:
                not_run[check.name] = str(reason)

    assert list(not_run) == [
        "ops/generated is what ops/slo.yaml says",
        "the drift limit of ops/slo.yaml is that of the contract",
        "every alert has a runbook, and the other way round",
    ]
    why = f"NOT RUN: ops/slo.yaml is refused; the check '{operations.USABLE}' says why"
    assert set(not_run.values()) == {why}


CATALOGUE = "product.odps.yaml says what contracts and answers say"
STALE = {  # the file, old text, new text, what is told
    "a version that a contract raises": (
        *(f"{PACKAGE}/contracts/predictions.yaml", "version: 1.0.0", "version: 1.1.0"),
        "outputPorts.predictions.version is '1.0.0', must be '1.1.0'",
    ),
    "a port that is missing": (
        *("product.odps.yaml", "  - name: source\n", "  - name: elsewhere\n"),
        "inputPorts.source is missing",
    ),
    "an owner that changes": (
        *(f"{PACKAGE}/contracts/predictions.yaml", "team:\n  name: shop-data", "team:\n  name: till-data"),
        "team.name is 'shop-data', must be 'till-data'",
    ),
}


@pytest.mark.parametrize(("name", "old", "new", "told"), STALE.values(), ids=STALE)
def test_a_description_that_is_stale_is_told_by_the_checks_of_what_names_it(
    name, old, new, told, tmp_path, tmp_path_factory
):
    product = checkout(shop_forecast.PRODUCT, tmp_path)
    text = (tmp_path / name).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    found = failing(product, tmp_path_factory, but=SLOW)

    assert found.keys() - {"docs/model-card.md says what the contracts say"} == {CATALOGUE}
    assert told in found[CATALOGUE].splitlines()


OF_CHAMPION = "docs/model-card.md describes no other model than the champion"


@pytest.fixture
def described(run_once, tmp_path, monkeypatch):
    """A checkout whose card describes the champion in the store that the settings name."""
    product, store = checkout(shop_forecast.PRODUCT, tmp_path), run_once(shop_forecast.PRODUCT).store
    monkeypatch.setenv(f"{product.prefix}STORE", str(store))
    champion = aliases.require(Store(store / "models"), "champion")
    path = tmp_path / card.FILE
    path.write_text(card.filled(path.read_text(), card.CHAMPION, card.of_champion(champion)))
    return product


def of_champion(product, folder):
    (check,) = [each for each in testing.checks(product) if str(each) == OF_CHAMPION]
    check(folder)


def test_a_card_with_the_figures_of_the_champion_passes(described, tmp_path):
    of_champion(described, tmp_path)


def test_a_figure_of_the_card_that_is_not_the_champion_s_fails_its_check(described, tmp_path):
    path = tmp_path / card.FILE
    path.write_text(path.read_text().replace("| all | this model | 0.8", "| all | this model | 0.9"))

    with pytest.raises(AssertionError, match=r"shop-forecast model-card`\n-.* 0\.9.*\n\+.* 0\.8"):
        of_champion(described, tmp_path)


def test_a_card_of_another_model_than_the_champion_fails_its_check(
    described, tmp_path, monkeypatch, ran_twice
):
    monkeypatch.setenv(f"{described.prefix}STORE", str(ran_twice.store))
    before = ran_twice.facts["champion_before"]
    aliases.promote(Store(ran_twice.store / "models"), before, "champion", "by hand", NOON)

    with pytest.raises(AssertionError, match=before):
        of_champion(described, tmp_path)


def test_a_card_of_a_model_is_not_compared_where_there_is_no_champion(described, tmp_path, monkeypatch):
    monkeypatch.setenv(f"{described.prefix}STORE", str(tmp_path / "empty"))

    with pytest.raises(pytest.skip.Exception, match="NOT RUN: there is no champion in"):
        of_champion(described, tmp_path)


def test_a_readme_without_a_request_is_told_one_that_the_service_accepts(tmp_path, tmp_path_factory):
    product = checkout(shop_forecast.PRODUCT, tmp_path)
    readme = tmp_path / "README.md"
    readme.write_text("# Shops\n", encoding="utf-8")
    check = "the README's request keeps the contract"

    told = failing(product, tmp_path_factory, but=SLOW - {check})[check]
    readme.write_text(f"# Shops\n\n{told.splitlines()[-1]}\n", encoding="utf-8")

    assert "README.md shows no request, such as" in told
    assert failing(product, tmp_path_factory, but=SLOW - {check}) == {}


def test_every_check_has_a_fault_that_it_is_seen_to_find():
    def without_contract(name):
        return re.sub("^[a-z]+: ", "", name)

    checks = [each for each in testing.checks(shop_forecast.PRODUCT) if isinstance(each, testing.Check)]

    assert set(map(without_contract, FAULTS)) == {without_contract(check.name) for check in checks}


def test_what_takes_minutes_bears_a_mark():
    marked = [each for each in testing.checks(shop_forecast.PRODUCT) if not isinstance(each, testing.Check)]

    assert {mark.name for each in marked for mark in each.marks} == {"spark", "image"}
    assert all(isinstance(check, testing.Check) for each in marked for check in each.values)


def test_a_query_of_a_runbook_that_is_no_promql_is_found(tmp_path):
    if not shutil.which("promtool"):
        pytest.skip("NOT RUN: promtool is not installed")
    checkout(shop_statistics.PRODUCT, tmp_path)
    runbooks.check_queries(tmp_path / "ops")
    book = tmp_path / "ops" / "runbooks" / "DurationBreach.md"
    book.write_text(book.read_text().replace("up{", "sum(up{"))

    with pytest.raises(RefusedError, match="OP005"):
        runbooks.check_queries(tmp_path / "ops")
