"""Each rule is seen to fail, alone, on a product broken in the one way that it is about."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from datadevops_review.review import review
from datadevops_review.rules import RULES
from datadevops_review.standard import Standard, Strictness
from datadevops_review.verdict import Review

import bake
from breaking import edit
from breaks import APART, BREAKS
from declaration import Answers

STARTER = Standard()


def failing(found: Review) -> list[str]:
    return [each.rule for each in found.results if each.state == "failed"]


def test_every_fresh_product_passes_every_rule(products: list[tuple[Answers, Path]]) -> None:
    reviews = {str(answers): review(path, STARTER) for answers, path in products}

    assert {name: failing(each) for name, each in reviews.items() if failing(each)} == {}
    states = {(each.rule, each.state) for found in reviews.values() for each in found.results}
    assert {rule for rule, state in states if state == "passed"} == RULES.keys() - APART
    assert {rule for rule, state in states if state == "not run"} == {"DD415"}


@pytest.mark.parametrize("rule", BREAKS)
def test_what_is_broken_is_seen_by_its_rule_and_by_no_other(rule: str, product: Path) -> None:
    BREAKS[rule](product)

    found = review(product, STARTER)

    assert failing(found) == [rule]
    result = next(each for each in found.results if each.rule == rule)
    assert all(each.what for each in result.findings)
    assert result.remedy
    assert result.url.endswith(rule.lower())
    assert found.exit_code == (1 if result.level == "must" else 0)


def test_every_rule_has_a_break() -> None:
    assert BREAKS.keys() | APART == RULES.keys()


def test_a_product_whose_kit_comes_from_an_index_passes_too(small_template: Path, tmp_path: Path) -> None:
    address = "https://packages.example.org/simple/"
    product = bake.by_cookiecutter(small_template, tmp_path, kit_index=address)

    found = review(product, STARTER)

    assert failing(found) == []
    assert {"DD413", "DD414"} <= {each.rule for each in found.in_state("not applicable")}


def test_a_product_without_the_example_has_time_for_its_first_contract_until_production(
    fresh: Callable[..., Path],
) -> None:
    product = fresh(example="none")

    assert failing(review(product, STARTER)) == []
    assert "DD201" in failing(review(product, Standard(strictness="production")))


def test_a_contract_of_another_team_that_a_source_is_pinned_to_is_not_judged(product: Path) -> None:
    (sources,) = product.glob("src/*/contracts/sources")
    bad = "apiVersion: v3.2.0\nkind: DataContract\nschema: [{name: weather, properties: [{name: a}]}]\n"
    (sources / "theirs.yaml").write_text(bad, encoding="utf-8")
    seen = failing(review(product, STARTER))
    (sources.parent / "upstream").mkdir()
    (sources / "theirs.yaml").rename(sources.parent / "upstream" / "theirs.yaml")

    assert (bool(seen), failing(review(product, STARTER))) == (True, [])


@pytest.mark.parametrize("strictness", ["production", "regulated"])
def test_a_fresh_product_is_told_what_is_missing_before_it_may_be_stricter(
    strictness: Strictness, fresh: Callable[..., Path]
) -> None:
    found = review(fresh(), Standard(strictness=strictness))

    expected = {"production": ["DD506"], "regulated": ["DD506", "DD602"]}
    assert failing(found) == expected[strictness]
    assert found.exit_code == 1


def test_alerts_to_real_addresses_are_good_enough_for_production(product: Path) -> None:
    edit("ops/generated/alertmanager.yml", ("alerts.example.com", "alerts.acme.net"))(product)

    assert failing(review(product, Standard(strictness="production"))) == []


OWNED = {
    "another team": (
        "## Contracts of other teams\n\nThe orders team: https://a.net.\n",
        False,
    ),
    "no address": ("Owned by weather-data.\n", False),
    "its name": ("Ask weather-data, on https://chat.acme.net/weather.\n", True),
    "a heading": ("## Contact\n\nweather@acme.net\n", True),
    "a label": ("| team | [us](mailto:weather@acme.net) |\n", True),
}


@pytest.mark.parametrize(("text", "good"), OWNED.values(), ids=OWNED)
def test_the_readme_names_the_owner_and_not_just_any_team(text: str, good: bool, tmp_path: Path) -> None:
    (tmp_path / "CODEOWNERS").write_text("* @acme/weather-data\n", encoding="utf-8")
    (tmp_path / "README.md").write_text(f"# Rain\n\n{text}", encoding="utf-8")

    assert ("DD103" not in failing(review(tmp_path, STARTER))) == good


TRIGGERS = {
    "gitlab": (".gitlab-ci.yml", '    - if: $CI_PIPELINE_SOURCE == "merge_request_event"\n', ""),
    "azure": ("azure-pipelines.yml", "pr:\n  branches: {include: [main]}\n", "pr: none\n"),
}


@pytest.mark.parametrize("provider", TRIGGERS)
def test_a_pipeline_of_another_provider_must_run_for_proposed_changes_too(
    provider: str, fresh: Callable[..., Path], tmp_path: Path
) -> None:
    product = shutil.copytree(fresh(ci=provider), tmp_path / "product")
    file, old, new = TRIGGERS[provider]
    edit(file, (old, new))(product)

    assert failing(review(product, STARTER)) == ["DD401"]
