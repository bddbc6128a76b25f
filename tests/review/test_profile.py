"""One file of the organisation sets limits, tightens rules and adds some."""

from pathlib import Path

import pytest
from datadevops_review.profile import load
from datadevops_review.review import Unusable, review
from datadevops_review.verdict import Review

from breaking import edit


def reviewed(product: Path, profile: str) -> Review:
    (product.parent / "datadevops.toml").write_text(profile, encoding="utf-8")
    return review(product, load(product.parent / "datadevops.toml"))


def failing(found: Review) -> dict[str, str]:
    return {each.rule: each.findings[0].what for each in found.in_state("failed")}


LIMITS = {
    "licences": ('licences = ["MIT"]', "DD105", "licence 'LicenseRef-Proprietary'; allowed: MIT"),
    "base images": ('base-images = ["ghcr.io/acme/*"]', "DD602", "is none of ghcr.io/acme/*"),
    "python": ('minimum-python = "3.12"', "DD403", "`requires-python` allows 3.11; oldest: 3.12"),
    "ci": ('ci = ["gitlab"]', "DD401", "runs on github; allowed: gitlab"),
    "availability": ("availability-floor = 0.999", "DD501", "the target is 0.995; lowest: 0.999"),
}


@pytest.mark.parametrize(("line", "rule", "said"), LIMITS.values(), ids=LIMITS)
def test_a_limit_of_the_organisation_is_kept_by_its_rule(
    line: str, rule: str, said: str, product: Path
) -> None:
    found = failing(reviewed(product, f"[require]\n{line}\n"))

    assert found.keys() == {rule}
    assert said in found[rule]


@pytest.mark.parametrize(
    ("image", "allowed"),
    [
        ("docker:29-cli", True),
        ("acme/tool:1", True),
        ("evil/docker:29", False),
        ("localhost/acme/tool", False),
    ],
)
def test_an_image_without_a_registry_is_one_of_docker_io(image: str, allowed: bool, tmp_path: Path) -> None:
    (tmp_path / "product").mkdir()
    (tmp_path / "product" / "compose.yaml").write_text(f"image: {image}\n", encoding="utf-8")
    profile = '[require]\nbase-images = ["docker.io/library/docker:*", "docker.io/acme/*"]\n'

    assert ("DD602" not in failing(reviewed(tmp_path / "product", profile))) is allowed


@pytest.mark.parametrize(
    ("line", "rule", "remedy"),
    [
        ('ci = ["gitlab"]', "DD401", "at a provider that the profile allows"),
        ('minimum-python = "3.12"', "DD403", "to versions that are allowed"),
    ],
)
def test_the_remedy_fits_a_limit_of_the_organisation(
    line: str, rule: str, remedy: str, product: Path
) -> None:
    (failed,) = reviewed(product, f"[require]\n{line}\n").in_state("failed")

    assert (failed.rule, remedy in failed.remedy) == (rule, True)


def test_a_limit_that_the_product_keeps_changes_nothing(product: Path) -> None:
    profile = """
        strictness = "starter"
        [require]
        licences = ["LicenseRef-Proprietary", "MIT"]
        base-images = ["ghcr.io/astral-sh/*", "docker.io/*"]
        minimum-python = "3.11"
        ci = ["github"]
        availability-floor = 0.99
    """

    assert failing(reviewed(product, profile)) == {}


def test_a_rule_can_be_tightened_or_switched_off(product: Path) -> None:
    (product / "CONTRIBUTING.md").unlink()
    assert reviewed(product, "").exit_code == 0

    assert reviewed(product, '[levels]\nDD704 = "must"\n').exit_code == 1
    off = reviewed(product, '[levels]\nDD704 = "off"\n')

    assert failing(off) == {}
    assert "switched off by the profile" in {each.reason for each in off.results}


def test_a_limit_is_tightened_in_a_second_profile_while_the_first_still_holds_the_old_one(
    product: Path,
) -> None:
    limit = '[require]\nminimum-python = "%s"\n'
    assert reviewed(product, limit % "3.11").exit_code == 0
    assert failing(reviewed(product, limit % "3.12")).keys() == {"DD403"}  # who is concerned

    edit("pyproject.toml", ('">=3.11,<3.15"', '">=3.9"'))(product)

    assert reviewed(product, limit % "3.11").exit_code == 1
    softened = reviewed(product, f'{limit % "3.12"}[levels]\nDD403 = "should"\n')
    assert softened.exit_code == 0  # a level is that of the whole rule


ADDED = """
docs = "https://standards.example.com/data"
[[rules]]
id = "ACME01"
sentence = "The cost centre is named."
remedy = "Add the annotation `acme.com/cost-centre`."
level = "must"
file = "catalog-info.yaml"
matches = 'acme.com/cost-centre: \\d+'
"""


def test_an_organisation_adds_a_rule_of_its_own_that_can_be_waived_too(product: Path) -> None:
    found = reviewed(product, ADDED)
    assert failing(found) == {"ACME01": r"nothing in it matches `acme.com/cost-centre: \d+`"}
    assert next(each.url for each in found.in_state("failed")) == "https://standards.example.com/data#acme01"

    with (product / "pyproject.toml").open("a", encoding="utf-8") as file:
        waiver = 'ACME01 = {reason = "new", owner = "weather-data", until = 2027-01-31}'
        file.write(f"\n[tool.datadevops-review.waivers]\n{waiver}\n")
    assert failing(reviewed(product, ADDED)) == {}

    catalogue = product / "catalog-info.yaml"
    text = catalogue.read_text(encoding="utf-8")
    catalogue.write_text(
        text.replace("  annotations:\n", "  annotations:\n    acme.com/cost-centre: 17\n"), "utf-8"
    )
    assert reviewed(product, ADDED).warnings == ("the waiver of ACME01 is not used: remove it",)


def test_everything_wrong_in_a_profile_is_said_at_once_with_the_nearest_name(product: Path) -> None:
    profile = """
        strictness = "strict"
        stricness = "production"
        [require]
        licences = "MIT"
        ci = ["jenkins"]
        minimum-python = "new"
        availability-floor = 99.5
        releases-behind = -1
        licence = ["MIT"]
        [levels]
        DD999 = "must"
        DD404 = "maybe"
        [[rules]]
        id = "DD900"
        matches = "("
    """

    with pytest.raises(Unusable) as error:
        reviewed(product, profile)

    said = str(error.value)
    expected = [
        "strictness is 'strict'; one of starter, production, regulated",
        "unknown name 'stricness'; did you mean 'strictness'?",
        "licences is 'MIT', not a list of texts",
        "ci: jenkins is none of github",
        "minimum-python is 'new', not a version as \"3.12\", in quotes",
        "availability-floor is 99.5, not a ratio from 0 to 1",
        "releases-behind is -1, not a number of releases",
        "unknown name 'licence'; did you mean 'licences'?",
        "[levels] unknown name 'DD999'",
        "[levels] DD404 is 'maybe'; one of must, should, off",
        "rule 1: id is 'DD900'",
        "rule 1: no sentence",
        "rule 1: matches is no regular expression",
    ]
    assert [each for each in expected if each not in said] == []


KINDS = {
    "docs = 4": "docs is 4, not a text",
    "template = 4": "template is 4, not a text",
    "require = []": "require is [], not a table",
    "levels = true": "levels is True, not a table",
    "rules = 4": "rules is 4, not a list of tables, each below `[[rules]]`",
    "[rules]\nid = 'ACME01'": "rules is {'id': 'ACME01'}, not a list of tables",
    "[[rules]]\nmatches = 4": "rule 1: matches is 4, not a text",
    "[[rules]]\nid = 4": "rule 1: id is 4, not a text",
    "[require]\nci = 4": "[require] ci is 4, not a list of texts",
    "[require]\nci = [{}]": "[require] ci is [{}], not a list of texts",
    "[require]\nminimum-python = 3.12": 'minimum-python is 3.12, not a version as "3.12", in quotes',
    "[require]\nreleases-behind = true": "releases-behind is True, not a number of releases",
}


@pytest.mark.parametrize("profile", KINDS)
def test_a_value_of_another_kind_is_named(profile: str, tmp_path: Path) -> None:
    (tmp_path / "kinds.toml").write_text(profile, encoding="utf-8")

    with pytest.raises(Unusable) as error:
        load(tmp_path / "kinds.toml")

    assert KINDS[profile] in str(error.value)


def test_a_profile_that_is_missing_or_no_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=r"none\.toml: cannot be read"):
        load(tmp_path / "none.toml")

    (tmp_path / "broken.toml").write_text("a = [", encoding="utf-8")
    with pytest.raises(Unusable, match=r"broken\.toml: is not TOML"):
        load(tmp_path / "broken.toml")
