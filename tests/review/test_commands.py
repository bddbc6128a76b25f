"""Which commands a pipeline really reaches."""

import re
from pathlib import Path

import pytest
from datadevops_review.commands import lines
from datadevops_review.repository import Repository


def reached(folder: Path, files: dict[str, str], on_change: bool = True) -> tuple[str, ...]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return lines(Repository(folder), on_change)


def github(run: str, more: str = "") -> dict[str, str]:
    return {
        ".github/workflows/a.yml": f"on: pull_request\n{more}jobs:\n  a:\n    steps:\n      - run: {run}\n"
    }


THROUGH = {
    "a script": github("bash ci/run.sh") | {"ci/run.sh": "# a note\npytest --verbose\n"},
    "a script that is run by its path": github("./run.sh") | {"run.sh": "pytest --verbose\n"},
    "make": github("make test") | {"Makefile": "test: unit\n\nunit:\n\tpytest --verbose\n"},
    "just": github("just test") | {"justfile": "test:\n    pytest --verbose\n"},
    "tox.ini": github("tox -e py") | {"tox.ini": "[testenv:py]\ncommands =\n    pytest --verbose\n"},
    "all of tox.ini": github("tox")
    | {"tox.ini": "[tox]\nenvlist = py, x\n[testenv]\ncommands = pytest --verbose\n"},
    "tox.toml": github("uv run tox -e a,b") | {"tox.toml": '[env.b]\ncommands = [["pytest", "--verbose"]]\n'},
    "tox in pyproject": github("tox -eb")
    | {"pyproject.toml": '[tool.tox.env.b]\ncommands = [["pytest", "--verbose"]]\n'},
    "nox": github("nox -s tests") | {"noxfile.py": 'def tests(s):\n    s.run("pytest", "--verbose")\n'},
    "a function of a script": github("python ci/gate.py test")
    | {"ci/gate.py": 'def test():\n    call("pytest", "--verbose")\n'},
    "a matrix": github(
        '"$TOOL --verbose"', "env: {TOOL: '${{ matrix.tool }}'}\nstrategy: {matrix: {tool: [ls, pytest]}}\n"
    ),
    "hooks": github("pre-commit run --all-files")
    | {".pre-commit-config.yaml": "repos: [{hooks: [{id: a, entry: pytest --verbose}]}]\n"},
    "GitLab": {".gitlab-ci.yml": "a:\n  script:\n    - pytest --verbose\n"},
    "Azure": {"azure-pipelines.yml": "steps:\n  - script: pytest --verbose\n"},
    "CircleCI": {".circleci/config.yml": "jobs: {a: {steps: [{run: {command: pytest --verbose}}]}}\n"},
}


@pytest.mark.parametrize("files", THROUGH.values(), ids=THROUGH)
def test_commands_are_found_through(files: dict[str, str], tmp_path: Path) -> None:
    assert any(re.search(r"pytest\s+--verbose", each) for each in reached(tmp_path, files))


NOT_REACHED = {
    "a script that nothing calls": github("ls") | {"run.sh": "pytest\n"},
    "another environment": github("tox -e lint") | {"tox.ini": "[testenv:py]\ncommands = pytest\n"},
    "another function": github("python gate.py lint")
    | {"gate.py": 'def lint(): ...\n\n\ndef test():\n    call("pytest")\n'},
    "a comment": github("bash run.sh") | {"run.sh": "# pytest\n"},
    "a docstring": github("python run.py") | {"run.py": '"""Beside pytest."""\n'},
    "a release": {
        ".github/workflows/a.yml": "on: {push: {tags: ['v*']}}\njobs: {a: {steps: [{run: pytest}]}}\n"
    },
    "a workflow by hand": {
        ".github/workflows/a.yml": "on: workflow_dispatch\njobs: {a: {steps: [{run: pytest}]}}\n"
    },
    "a script that is only tested for": github("test -f run.sh") | {"run.sh": "pytest\n"},
}


@pytest.mark.parametrize("files", NOT_REACHED.values(), ids=NOT_REACHED)
def test_commands_are_not_reached_through(files: dict[str, str], tmp_path: Path) -> None:
    assert not any("pytest" in each for each in reached(tmp_path, files))


def test_a_script_that_calls_itself_and_a_variable_that_names_itself_come_to_an_end(tmp_path: Path) -> None:
    files = github("bash run.sh", 'env: {A: "$A", B: "$C", C: "$B"}\n') | {
        "run.sh": "bash run.sh $A $B\npytest\n"
    }

    assert "pytest" in reached(tmp_path, files)


def test_the_pipeline_of_a_release_counts_where_releases_are_asked_about(tmp_path: Path) -> None:
    assert "pytest" in reached(tmp_path, NOT_REACHED["a release"], on_change=False)
