"""A product is compared with its template: version, kit, and what became of the files."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from datadevops_review.review import review
from datadevops_review.standard import Standard
from datadevops_review.template import Template
from datadevops_review.verdict import Review

import bake
from breaking import append, edit
from breaks import kit_of

STARTER = Standard()


def failing(found: Review) -> list[str]:
    return [each.rule for each in found.results if each.state == "failed"]


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
    kit_of("1.0.0")(product)
    standard = Standard(template=Template(str(own_releases)))

    assert failing(review(product, standard)) == ["DD412", "DD413"]
    assert failing(review(product, replace(standard, releases_behind=3))) == []


def test_releases_that_a_fork_numbers_by_year_are_none_of_the_kits(product: Path, own_releases: Path) -> None:
    kit_of("1.0.0")(product)
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
