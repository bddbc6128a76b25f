"""A team adds dependencies and waivers to pyproject.toml; the rest of the file is the template's."""

import pytest
from datadevops_review.project_file import same_template_part

RENDERED = """
[project]
name = "a"
version = "0.1.0"
dependencies = ["kit>=1,<2"]
[dependency-groups]
dev = ["ruff>=1"]
[tool.ruff]
line-length = 100
"""
WAIVER = '[tool.datadevops-review.waivers]\nDD404 = {reason = "a", owner = "a", until = 2027-01-31}\n'
CHANGES = {
    "a waiver": (RENDERED + WAIVER, True),
    "a dependency": (RENDERED.replace('"kit', '"numpy", "kit'), True),
    "a package of a group": (RENDERED.replace('"ruff', '"numpy", "ruff'), True),
    "a group, and its source": (
        RENDERED.replace("dev =", 'maps = ["x"]\ndev =') + '[tool.uv.sources]\nx = {path = "x"}\n',
        True,
    ),
    "the version of the product": (RENDERED.replace("0.1.0", "0.2.0"), True),
    "another range of the kit": (RENDERED.replace(">=1,<2", ">=1"), False),
    "a dependency that is gone": (RENDERED.replace('"kit>=1,<2"', ""), False),
    "a setting": (RENDERED.replace("100", "200"), False),
    "a tool": (RENDERED + "[tool.mypy]\nstrict = false\n", False),
    "no TOML": (RENDERED + "[", False),
}


@pytest.mark.parametrize(("mine", "same"), CHANGES.values(), ids=CHANGES)
def test_only_what_is_added_as_a_teams_own_is_no_edit_of_the_template(mine: str, same: bool) -> None:
    assert same_template_part(mine.encode(), RENDERED.encode()) is same
