"""A repository that no template of ours made gets a useful list, and never a traceback."""

from pathlib import Path

import pytest
from datadevops_review.review import review
from datadevops_review.standard import Standard
from foreign import REPOSITORIES, build

# What a person who reads these files finds first.
WRONG = {
    "notebooks": {
        "CODEOWNERS: no line gives an owner to all files (`*`)",
        "no pipeline of GitHub, GitLab, Azure or another provider",
        "no pipeline that runs for changes reaches the tests",
        "no objective of OpenSLO, Sloth or Pyrra",
        "no alert: nobody would learn that it is broken",
        "no file says `kind: DataContract`",
        "docs: no section on going back has a command",
    },
    "package": {
        "Dockerfile:1: stage ghcr.io/astral-sh/uv:python3.13-bookworm runs as root",
        ".github/workflows/check.yml:9: actions/checkout@v4 is not pinned to a commit",
        ".github/workflows/check.yml: job checks has no `permissions`, so it has those of the repository",
        "no pipeline that runs for changes installs from a lock",
        "no alert: nobody would learn that it is broken",
    },
    "pipeline": {
        "`pytest || true` hides a failure",
        ".gitlab-ci.yml:6: `allow_failure: true` hides a failure",
        "tests/test_steps.py:1: test_train cannot fail: it calls nothing and compares nothing",
        ".gitlab-ci.yml:2: python:latest names no version",
        "docker-compose.yml:3: zenmldocker/zenml-server names no version",
        "docker-compose.yml:4: `privileged: true`",
        "monitoring/rules.yml: ModelDown: no runbook",
        "no configuration of Alertmanager (`route` and `receivers`)",
        "contracts/orders.yaml: version 1 is not as 1.2.0",
        "contracts/orders.yaml: orders.price has no description",
        "contracts/orders.yaml: table orders has no key (`primaryKey`)",
        "contracts/orders.yaml: orders.email looks personal, and has no `classification`",
        "README.md:3: '{{ project_name }}' was never filled in",
    },
}
# What is good there, and must not be blamed.
RIGHT = {
    "notebooks": {"DD002", "DD105", "DD301", "DD403"},
    "package": {"DD002", "DD103", "DD105", "DD301", "DD302", "DD303", "DD304", "DD401", "DD614", "DD701"},
    "pipeline": {"DD201", "DD302", "DD401"},
}


@pytest.mark.parametrize("kind", REPOSITORIES)
def test_a_foreign_repository_gets_a_useful_list(kind: str, tmp_path: Path) -> None:
    found = review(build(tmp_path, REPOSITORIES[kind]), Standard())

    said = {str(each) for result in found.in_state("failed") for each in result.findings}
    assert WRONG[kind] - said == set()
    assert RIGHT[kind] - {each.rule for each in found.in_state("passed")} == set()
    assert [each.reason for each in found.results if "rule itself" in each.reason] == []
    assert found.exit_code == 1


def test_a_repository_without_any_file_gets_a_list_too(tmp_path: Path) -> None:
    found = review(tmp_path, Standard())

    assert found.exit_code == 1
    assert [each.reason for each in found.results if "rule itself" in each.reason] == []
    assert "DD404" in {each.rule for each in found.in_state("failed")}
