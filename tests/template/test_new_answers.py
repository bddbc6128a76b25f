"""Another answer to a question: what it drops is listed first, and no edit is lost silently."""

import re
import shutil
from pathlib import Path

import pytest
from copier import run_copy

import bake
import compatibility
import tree
from declaration import DECLARED
from versions import HOW_TO, answers, append, commands, try_update, update

pytestmark = pytest.mark.updates

GATES, OWN = ".github/workflows/gates.yml", ".github/workflows/our-own.yml"
PROVIDER = [".github/ISSUE_TEMPLATE/problem.yml", ".github/pull_request_template.md", GATES]
PROVIDER += [".github/workflows/release.yml", ".github/workflows/update.yml"]


@pytest.fixture
def edited(outdated: Path) -> Path:
    """A product with an edit in a file that goes with its provider, and a file of its own beside it."""
    append(outdated / GATES, "# Ours.\n")
    (outdated / OWN).write_text("# Ours.\n")
    bake.commit(outdated, "our edits")
    return outdated


def test_what_another_answer_drops_is_listed_before_an_edited_file_goes(edited: Path) -> None:
    before = tree.snapshot(edited)

    refused = try_update(edited, "--data", "ci=gitlab")

    assert refused.returncode == 1
    last = refused.stderr.splitlines()[-1]
    assert f"gitlab drops {' '.join(PROVIDER)}; nothing was changed." in last
    assert "`git rm` them, commit, update again" in last
    assert without_git(tree.snapshot(edited)) == without_git(before)
    assert commands("## Another answer")[0].endswith(' update --defaults --data ci=gitlab "$PWD"')


def test_after_the_team_removed_these_files_the_answer_changes_and_its_own_files_stay(edited: Path) -> None:
    bake.git("rm", "-q", *PROVIDER, cwd=edited)
    bake.commit(edited, "leave the provider")

    update(edited, "--data", "ci=gitlab")

    assert answers(edited)["ci"] == "gitlab"
    assert (edited / ".gitlab-ci.yml").exists()
    assert (edited / ".gitlab" / "merge_request_templates" / "Default.md").exists(), "of the team, and new"
    assert [name for name in tree.files(edited) if name.startswith(".github/")] == [OWN]


def test_the_guide_lists_the_files_of_the_team_that_name_the_provider(by_provider: dict[str, Path]) -> None:
    """With another provider they stay as they are. What only one provider has is brought, or listed first."""
    trees = [tree.texts(product) for product in by_provider.values()]
    common = set.intersection(*map(set, trees))
    differ = {name for name in common if len({texts[name] for texts in trees}) > 1}
    stay = {name for name in differ if any(compatibility.below(name, each) for each in DECLARED["_yours"])}

    (said,) = re.findall(r"- Another `ci`: (.*?)\n- ", HOW_TO, re.DOTALL)

    assert stay == set(re.findall(r"`([\w.-]+\.\w+)`", said))
    assert "three of them" in said


def without_git(found: tree.Snapshot) -> tree.Snapshot:
    return {name: each for name, each in found.items() if not name.startswith(".git/")}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("deploy=compose", "deploy/kubernetes/overlays/production/kustomization.yaml"),
        (
            "outage_impact=low",
            "low drops deploy/kubernetes/base/autoscaler.yaml ops/runbooks/FreshnessBreach.md",
        ),
        ("kit_index=https://packages.example.org/simple", "drops vendor/; nothing was changed"),
        (
            "project_slug=snow-forecast",
            "rename the package first: Another name of the product, in docs/how-to/",
        ),
        (
            "product_type=data-pipeline",
            "a product keeps its type: bake another product, and move your code there",
        ),
        ("example=none", "`example remove` takes the example away"),
    ],
)
def test_an_answer_that_would_drop_what_is_there_is_refused_with_what_to_do(
    answer: str, reason: str, products: dict[str, Path]
) -> None:
    """Whatever command of copier asks: `copy` does so without rendering the old version first."""
    product = products["by_copier"]

    with pytest.raises(ValueError, match=re.escape(reason)):
        answer_again(products["template"], product, answer)

    assert bake.git("status", "--porcelain", cwd=product) == ""


def answer_again(template: Path, product: Path, answer: str) -> None:
    data = dict([answer.split("=", 1)])
    run_copy(str(template), product, data=data, defaults=True, pretend=True, overwrite=True, quiet=True)


def test_a_folder_whose_name_is_no_plain_pattern_is_looked_into_too(
    products: dict[str, Path], tmp_path: Path
) -> None:
    product = shutil.copytree(products["by_copier"], tmp_path / "rain [2]")

    with pytest.raises(ValueError, match="gitlab drops "):
        answer_again(products["template"], product, "ci=gitlab")


def test_an_answer_that_drops_nothing_is_taken(outdated: Path) -> None:
    update(outdated, "--data", "license=MIT", "--data", "outage_impact=critical")

    assert (outdated / "LICENSE").exists()
    assert answers(outdated)["outage_impact"] == "critical"


def test_after_the_guide_s_commands_no_file_names_the_former_team(outdated: Path) -> None:
    """The ids of contracts keep the organisation's name: consumers know them."""
    *lines, render = commands("## Another team or organisation")
    assert render.endswith(" slo render"), "into ops/generated"
    script = (
        "\n".join(lines).replace("org=globex", "org=initech").replace("acme/#globex/#", "globex/#initech/#")
    )

    done = bake.run("bash", "-ec", script.replace("acme/", "globex/"), cwd=outdated)

    assert done.returncode == 0, done.stderr
    made = (tree.VENDOR, "ops/generated/")
    texts = {name: text for name, text in tree.texts(outdated).items() if not name.startswith(made)}
    assert [name for name, text in texts.items() if b"weather-data" in text or b"globex/" in text] == []
    assert b"* @initech/storm-data\n" in texts["CODEOWNERS"]
    assert (
        b'id: "urn:globex:rain-forecast:weather"' in texts["src/rain_forecast/contracts/sources/weather.yaml"]
    )
    assert answers(outdated)["owner_contact"] == "storm-data@example.com"


def test_a_longer_name_that_contains_the_former_team_s_stays(template: Path, tmp_path: Path) -> None:
    """The result is what a bake of the new team gives."""
    asked = {"project_name": "Hail Warning", "project_slug": "hail-warning"}
    old, new = (
        bake.by_cookiecutter(template, tmp_path / team, **asked, owner_team=team)
        for team in ("hail", "storm-data")
    )
    bake.commit(old, "baked")

    (line,) = [each for each in commands("## Another team or organisation") if "weather-data" in each]
    done = bake.run("bash", "-ec", line.replace("weather-data", "hail"), cwd=old)

    assert done.returncode == 0, done.stderr
    left = tree.differences(without_git(tree.snapshot(old)), tree.snapshot(new))
    assert [each for each in left if not each.startswith("ops/generated/")] == [".git: only in the first"]
