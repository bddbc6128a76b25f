"""The gate of updates: a newer version of the template is found, merged when asked, proposed each week."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from copier import run_copy

import bake
import workshop
from gates import gate, released, stand_in

pytestmark = pytest.mark.gates

# Where `uvx --from` is called, the copier of these tests runs.
COPIER = f'shift 2; exec "{sys.executable}" -m "$@"'


@pytest.fixture
def product(baked: Path, environment: Path, tmp_path: Path) -> Path:
    return released(baked, environment, tmp_path)


@pytest.fixture
def newer(own_template: Path) -> Path:
    """The template, with a version that its products do not have yet."""
    header = own_template / bake.TREE / ".editorconfig"
    header.write_text(header.read_text(encoding="utf-8") + "\n[*.md]\nmax_line_length = 100\n", "utf-8")
    bake.commit(own_template, "say how long a line is", "v1.1.0")
    return own_template


def of_version_one(template: Path, folder: Path, environment: Path, **answers: str) -> Path:
    """A product of the template's v1.0.0, with a repository to push to."""
    product = folder / "rain-forecast"
    run_copy(str(template), product, data=answers, defaults=True, quiet=True, vcs_ref="v1.0.0")
    shutil.copy(environment.parent / "uv.lock", product)
    bake.commit(product, "as baked")
    bake.git("init", "-q", "--bare", folder / "origin.git", cwd=folder)
    bake.git("config", "receive.advertisePushOptions", "true", cwd=folder / "origin.git")
    bake.git("remote", "add", "origin", folder / "origin.git", cwd=product)
    return product


@pytest.mark.long
def test_a_newer_version_of_the_template_is_told_and_merged_when_asked(
    newer: Path, environment: Path, tmp_path: Path
) -> None:
    product = of_version_one(newer, tmp_path, environment)

    assert gate(product, environment, "update").returncode == 1
    assert gate(product, environment, "update", "apply").returncode == 0
    assert "max_line_length" in (product / ".editorconfig").read_text(encoding="utf-8")
    bake.commit(product, "update")
    assert gate(product, environment, "update").returncode == 0


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        pytest.param('_src_path: "/nowhere"\n_commit: "v1.0.0"', "the template cannot be asked", id="moved"),
        pytest.param(
            '_src_path: "/nowhere"', "does not name the template's address and version", id="no-version"
        ),
        pytest.param("", "does not name the template's address and version", id="zip"),
    ],
)
def test_a_template_out_of_reach_is_no_template_that_is_up_to_date(
    known: str, reason: str, product: Path, environment: Path, tmp_path: Path
) -> None:
    answers = product / ".copier-answers.yml"
    lines = answers.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("_")]
    answers.write_text("\n".join([*kept, known]) + "\n", encoding="utf-8")

    done = gate(product, environment, "update", PATH=stand_in("uvx", COPIER, tmp_path / "bin"))

    assert done.returncode == 3
    assert f"NOT RUN: {reason}" in done.stderr.replace(".copier-answers.yml ", "")


REQUESTS = {
    "github": ("gh", "pr create --head template-v1.1.0 --title Update the template to v1.1.0"),
    "gitlab": ("", ""),
    "azure": ("az", "repos pr create --detect --source-branch template-v1.1.0"),
}
# A service of others that opens one request, and from then on lists it.
SERVICE = """
case "$*" in
*pr\\ list*) cat "$0.request" 2>/dev/null || true ;;
*pr\\ create*) [ ! -e "$0.refuses" ] && echo request-1 > "$0.request" ;;
esac
"""


@pytest.fixture
def weekly(environment: Path, tmp_path: Path) -> Callable[..., workshop.Done]:
    """weekly(product): what its weekly job does, with stand-ins for the services of others."""
    path = [stand_in(tool, SERVICE, tmp_path / tool) for tool in ("gh", "az")]
    path.append(stand_in("uvx", COPIER, tmp_path / "uvx"))
    folders = ":".join(each.partition(":")[0] for each in path)

    def run(product: Path, **settings: str) -> workshop.Done:
        known = {"UV_PROJECT_ENVIRONMENT": str(environment), "UV_NO_SYNC": "1"}
        known |= {"PATH": f"{folders}:{os.environ['PATH']}", "PYTHONPATH": workshop.sources(product)}
        known |= {"CI_PROJECT_URL": str(tmp_path / "origin"), "TEMPLATE_UPDATE_TOKEN": "t0"}
        return bake.run("bash", "ci/update.sh", cwd=product, **known | settings)

    return run


def branches(origin: Path) -> list[str]:
    return bake.git("branch", "--list", "--format=%(refname:short)", cwd=origin).split()


@pytest.mark.life
@pytest.mark.parametrize(
    ("ci", "tool", "words"),
    [
        pytest.param(ci, *said, marks=[pytest.mark.long] * (ci != "github"), id=ci)
        for ci, said in REQUESTS.items()
    ],
)
def test_each_week_the_newest_version_is_proposed_once(
    ci: str, tool: str, words: str, newer: Path, environment: Path, tmp_path: Path, weekly: Any
) -> None:
    product = of_version_one(newer, tmp_path, environment, ci=ci)

    without_token = weekly(product, TEMPLATE_UPDATE_TOKEN="")
    done = weekly(product)

    assert without_token.returncode == 3
    assert done.returncode == 0, done.stdout + done.stderr
    assert branches(tmp_path / "origin.git") == ["template-v1.1.0"]
    assert not tool or words in (tmp_path / tool / f"{tool}.log").read_text(encoding="utf-8")
    assert "ops/generated: rules.yml" in done.stdout, "the kit may have brought better rules"

    if ci == "gitlab":  # a request opened by a push is a reference of the repository
        head = ["refs/merge-requests/1/head", "template-v1.1.0"]
        bake.git("update-ref", *head, cwd=tmp_path / "origin.git")
    bake.git("switch", "-q", "main", cwd=product)
    again = weekly(product)
    assert "template-v1.1.0 is proposed already: " in again.stdout


@pytest.fixture
def meeting(own_template: Path, environment: Path, tmp_path: Path) -> Path:
    """A product whose team changed a line of pyproject.toml that the template's v1.1.0 changes too; that
    version also changes the script that proposes it, and drops a file."""
    product = of_version_one(own_template, tmp_path, environment)
    of_template = own_template / bake.TREE
    workshop.edit(of_template / "pyproject.toml", "ruff>=0.17,<0.18", "ruff>=0.18,<0.19")
    workshop.edit(of_template / "ci" / "update.sh", "set -euo", "# Longer than before.\n" * 9 + "set -euo")
    (of_template / "docs" / "outgrow-one-machine.md").unlink()
    bake.commit(own_template, "a newer ruff", "v1.1.0")
    workshop.edit(product / "pyproject.toml", "ruff>=0.17,<0.18", "ruff>=0.17,<1")
    (product / "CODEOWNERS").unlink()
    bake.commit(product, "any ruff, and no owners")
    return product


@pytest.mark.life
def test_an_update_that_meets_an_edit_is_proposed_with_the_conflict_in_it(
    meeting: Path, tmp_path: Path, weekly: Any
) -> None:
    (tmp_path / "gh" / "gh.refuses").touch()
    refused = weekly(meeting)
    (tmp_path / "gh" / "gh.refuses").unlink()
    bake.git("switch", "-q", "main", cwd=meeting)

    done = weekly(meeting)

    assert refused.returncode != 0
    assert done.returncode == 0, done.stdout + done.stderr
    names = bake.git("ls-tree", "--name-only", "template-v1.1.0", cwd=tmp_path / "origin.git").splitlines()
    assert "CODEOWNERS" not in names, "what the team deleted stays deleted"
    proposed = bake.git("show", "template-v1.1.0:pyproject.toml", cwd=tmp_path / "origin.git")
    assert "<<<<<<< before updating" in proposed
    assert "ruff>=0.17,<1" in proposed
    assert "ruff>=0.18,<0.19" in proposed
    asked = (tmp_path / "gh" / "gh.log").read_text(encoding="utf-8")
    assert "to v1.1.0, with conflicts" in asked
    assert "It removes, with your edits if there are any: docs/outgrow-one-machine.md." in asked
    assert "in: pyproject.toml. Then run: uv lock && uv run rain-forecast slo render" in asked
