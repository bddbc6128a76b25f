"""The gate of updates: a newer version of the template is found, merged when asked, proposed each week."""

import shutil
from pathlib import Path

import pytest
from copier import run_copy

import bake
import workshop
from gates import gate, released, stand_in


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


def test_a_template_out_of_reach_is_no_template_that_is_up_to_date(product: Path, environment: Path) -> None:
    answers = product / ".copier-answers.yml"
    lines = answers.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("_src_path")]
    answers.write_text("\n".join([*kept, '_src_path: "/nowhere"']) + "\n", encoding="utf-8")

    done = gate(product, environment, "update")

    assert done.returncode == 3
    assert "NOT RUN: the template cannot be asked" in done.stderr


PROPOSED = {
    "github": ("gh", "pr create --head template-v1.1.0 --title Update the template to v1.1.0"),
    "gitlab": ("", ""),
    "azure": ("az", "repos pr create --detect --source-branch template-v1.1.0"),
}


@pytest.mark.life
@pytest.mark.parametrize(
    ("ci", "tool", "words"),
    [
        pytest.param(ci, *said, marks=[pytest.mark.long] * (ci != "github"), id=ci)
        for ci, said in PROPOSED.items()
    ],
)
def test_each_week_the_newest_version_is_proposed_once(
    ci: str, tool: str, words: str, newer: Path, environment: Path, tmp_path: Path
) -> None:
    product = of_version_one(newer, tmp_path, environment, ci=ci)
    path = stand_in(tool or "gh", "", tmp_path / "bin")
    settings = {"UV_PROJECT_ENVIRONMENT": str(environment), "UV_NO_SYNC": "1", "PATH": path}
    settings |= {"CI_PROJECT_URL": str(tmp_path / "origin"), "PYTHONPATH": workshop.sources(product)}

    token = {"TEMPLATE_UPDATE_TOKEN": "t0"}

    without_token = bake.run("bash", "ci/update.sh", cwd=product, **settings)
    done = bake.run("bash", "ci/update.sh", cwd=product, **token, **settings)

    assert without_token.returncode == 3
    assert done.returncode == 0, done.stdout + done.stderr
    branches = bake.git("branch", "--list", "--format=%(refname:short)", cwd=tmp_path / "origin.git")
    assert branches.split() == ["template-v1.1.0"]
    log = tmp_path / "bin" / f"{tool}.log"
    assert not tool or log.read_text(encoding="utf-8").startswith(words)
    assert "ops/generated: rules.yml" in done.stdout, "the kit may have brought better rules"

    bake.git("switch", "-q", "main", cwd=product)
    again = bake.run("bash", "ci/update.sh", cwd=product, **token, **settings)
    assert "template-v1.1.0 is proposed already" in again.stdout
