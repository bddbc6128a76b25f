"""cookiecutter's hooks leave a folder of somebody's alone, and say what to do next."""

import shutil
from pathlib import Path

import pytest

import bake
import tree
import workshop

SOMEBODYS = {"README.md": "Mine.\n", "LICENSE": "All mine.\n", "data/rows.csv": "a\n1\n"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Somebody's project, where the default answers would bake; no licence in the answers."""
    folder = tmp_path / "rain-forecast"
    for name, text in SOMEBODYS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def cookiecutter(template: str | Path, *options: str, cwd: Path) -> tuple[int, str, str]:
    """The command as a user calls it: exit code, what went to stdout, what to stderr."""
    done = bake.run(bake.command("cookiecutter"), template, "--no-input", *options, cwd=cwd)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("options", [["-f"], ["-f", "-s"]], ids=" ".join)
def test_a_bake_over_a_project_changes_nothing_and_says_what_to_do(
    options: list[str], template: Path, project: Path
) -> None:
    before = tree.snapshot(project)

    code, _, error = cookiecutter(template, *options, cwd=project.parent)

    assert code == 1
    assert tree.snapshot(project) == before
    assert f"{project} already holds LICENSE, README.md, data" in error
    assert "`copier update`" in error
    assert "--output-dir" in error


@pytest.mark.parametrize("options", [[], ["-s"]], ids=["plain", "-s"])
def test_cookiecutter_itself_stops_at_a_folder_that_is_there(
    options: list[str], template: Path, project: Path
) -> None:
    before = tree.snapshot(project)

    assert cookiecutter(template, *options, cwd=project.parent)[0] == 1
    assert tree.snapshot(project) == before


def test_one_hidden_file_is_enough_to_be_somebodys(template: Path, tmp_path: Path) -> None:
    (tmp_path / "rain-forecast").mkdir()
    (tmp_path / "rain-forecast" / ".env").write_text("KEY=1\n")

    assert cookiecutter(template, "-f", cwd=tmp_path)[0] == 1
    assert list(tree.files(tmp_path / "rain-forecast")) == [".env"]


def test_a_bad_slug_and_minus_f_touch_no_folder_of_that_name(template: Path, project: Path) -> None:
    (project / "inside").mkdir()
    before = tree.snapshot(project)

    code, _, error = cookiecutter(template, "-f", "project_slug=..", cwd=project / "inside")

    assert code == 1
    assert "project_slug must" in error
    assert tree.snapshot(project) == before


def test_an_empty_folder_may_be_baked_into(template: Path, tmp_path: Path) -> None:
    (tmp_path / "rain-forecast").mkdir()

    assert cookiecutter(template, "-f", cwd=tmp_path)[0] == 0
    assert (tmp_path / "rain-forecast" / ".copier-answers.yml").exists()


def test_a_bake_ends_with_what_to_do_next_and_nothing_else(template: Path, tmp_path: Path) -> None:
    code, output, error = cookiecutter(template, cwd=tmp_path)

    assert (code, error) == (0, "")
    assert output.splitlines() == [
        "Next:",
        "  cd rain-forecast",
        "  docs/day-one.md   # start here",
        "  uv run rain-forecast run   # the main job",
        "  uv run tox   # quick checks",
    ]


def test_without_the_example_the_next_steps_name_no_page_about_it(template: Path, tmp_path: Path) -> None:
    assert "day-one" not in cookiecutter(template, "example=none", cwd=tmp_path)[1]


@pytest.mark.parametrize("example", ["rain", "none"])
def test_copier_says_the_same_next_steps(example: str, template: Path, tmp_path: Path) -> None:
    answer = f"example={example}"
    product = tmp_path / "rain-forecast"

    copied = bake.run(
        bake.command("copier"), "copy", "--defaults", "-d", answer, template, product, cwd=tmp_path
    )
    shutil.rmtree(product)

    steps = cookiecutter(template, "-o", str(tmp_path), answer, cwd=tmp_path / "..")[1]
    assert copied.stderr.rstrip().endswith(steps.rstrip())


def test_the_next_steps_lead_to_another_output_folder(template: Path, tmp_path: Path) -> None:
    output = cookiecutter(template, "-o", "there", cwd=tmp_path)[1]

    assert f"  cd {tmp_path / 'there' / 'rain-forecast'}\n" in output


@pytest.mark.parametrize("kind", bake.DEFAULT_SLUGS)
def test_a_product_that_was_baked_without_the_hooks_refuses_to_run(
    kind: str, template: Path, environment: Path, tmp_path: Path
) -> None:
    options = ["--accept-hooks", "no", f"product_type={kind}"]
    assert cookiecutter(template, *options, cwd=tmp_path)[0] == 0

    done = workshop.main_job(tmp_path / bake.DEFAULT_SLUGS[kind], environment)

    assert done.returncode == 2
    assert "error[CF013]" in done.stderr
    assert "--accept-hooks no" in done.stderr
