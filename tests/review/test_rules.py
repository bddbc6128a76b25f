"""Each rule is seen to fail, alone, on a product broken in the one way that it is about."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from breaks import APART, BREAKS
from datadevops_review.review import review
from datadevops_review.rules import RULES
from datadevops_review.standard import Standard, Strictness
from datadevops_review.template import Template
from datadevops_review.verdict import Review

import bake
from breaking import append, edit
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


def test_the_seal_of_the_whole_kit_is_the_one_that_the_kit_makes(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    template = bake.copy_template(tmp_path_factory.mktemp("whole") / "datadevops-template", bake.REST)

    assert failing(review(bake.by_cookiecutter(template, tmp_path), STARTER)) == []


def test_edited_and_deleted_files_of_the_template_are_found_by_rendering_it_and_can_be_waived(
    product: Path, small_template: Path
) -> None:
    standard = replace(STARTER, template=Template(str(small_template)), today=date(2026, 11, 30))
    append("tox.toml", "# an edit\n")(product)
    (product / ".editorconfig").unlink()

    found = review(product, standard)
    paths = 'paths = [".editorconfig", "tox.toml"]'
    waiver = f'DD415 = {{reason = "ours", owner = "weather-data", until = 2027-01-31, {paths}}}'
    append("pyproject.toml", f"\n[tool.datadevops-review.waivers]\n{waiver}\n")(product)
    waived = review(product, standard)

    assert (failing(found), failing(waived)) == (["DD415"], [])
    result = next(each for each in found.results if each.rule == "DD415")
    assert list(map(str, result.findings)) == [
        ".editorconfig: was deleted; a waiver with this path allows it",
        "tox.toml: was edited",
    ]


def test_a_template_that_cannot_be_reached_is_not_run_and_never_green(product: Path, tmp_path: Path) -> None:
    standard = Standard(strictness="regulated", template=Template(str(tmp_path / "nowhere")))

    found = review(product, standard)

    assert {each.rule for each in found.in_state("not run")} == {"DD412", "DD413", "DD415"}
    lenient = replace(standard, levels={"DD506": "should", "DD602": "should"})
    assert review(product, lenient).exit_code == 3


def test_the_releases_of_the_template_are_counted(product: Path, own_releases: Path) -> None:
    standard = Standard(template=Template(str(own_releases)))

    assert failing(review(product, standard)) == ["DD412", "DD413"]
    assert failing(review(product, replace(standard, releases_behind=3))) == []


def test_releases_that_a_fork_numbers_by_year_are_none_of_the_kits(product: Path, own_releases: Path) -> None:
    edit(".copier-answers.yml", ('_commit: "v1.0.0"', '_commit: "v1.3.0"'))(product)
    for tag in ("v2026.12.0", "v2027.1.0", "v2027.2.0"):
        bake.git("tag", tag, cwd=own_releases)

    found = review(product, Standard(template=Template(str(own_releases)), releases_behind=2))

    said = {each.rule: each.findings[0].what for each in found.in_state("failed")}
    assert said == {
        "DD412": "template 1.3.0 is 3 minor releases behind 2027.2.0; allowed: at most 2",
        "DD413": "kit 1.0.0 is 3 minor releases behind 1.3.0; allowed: at most 2",
    }


@pytest.fixture
def own_releases(tmp_path: Path) -> Path:
    """A repository with the tags of three newer minor releases, a patch and a candidate."""
    (tmp_path / "tagged").mkdir()
    (tmp_path / "tagged" / "a").touch()
    bake.commit(tmp_path / "tagged", "a", "v1.0.0")
    for tag in ("v1.1.0", "v1.1.1", "v1.2.0", "v1.3.0", "v1.4.0rc1"):
        bake.git("tag", tag, cwd=tmp_path / "tagged")
    return tmp_path / "tagged"
