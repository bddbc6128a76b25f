"""Questions and choices only grow, so that an update never changes a team's answers silently."""

import copy
import json
import re

import pytest

import bake
from declaration import DECLARED, ROOT, Declaration, choices, lost, questions


def last_release() -> Declaration:
    """The declaration at the newest release; before the first one, today's without a choice."""
    if bake.git("rev-parse", "--is-shallow-repository", cwd=ROOT).strip() == "true":
        pytest.skip("NOT RUN: this clone is shallow, so the last release is not known")
    tags = bake.git("tag", "--merged", "HEAD", "--sort=version:refname", cwd=ROOT).split()
    if released := [tag for tag in tags if re.fullmatch(r"v\d+\.\d+\.\d+", tag)]:  # no candidates
        text: Declaration = json.loads(bake.git("show", f"{released[-1]}:cookiecutter.json", cwd=ROOT))
        return text
    return without_a_choice("license")


def without_a_choice(name: str) -> Declaration:
    smaller = copy.deepcopy(DECLARED)
    smaller[name].pop()
    return smaller


def test_nothing_is_lost_since_the_last_release() -> None:
    assert list(lost(last_release(), DECLARED)) == []


@pytest.mark.parametrize("name", questions())
def test_a_removed_question_is_found(name: str) -> None:
    smaller = {key: value for key, value in DECLARED.items() if key != name}

    assert list(lost(DECLARED, smaller)) == [name]


@pytest.mark.parametrize("name", choices())
def test_a_removed_choice_is_found(name: str) -> None:
    assert list(lost(DECLARED, without_a_choice(name))) == [f"{name}: {DECLARED[name][-1]}"]


def test_a_renamed_question_is_found() -> None:
    renamed = {("team" if key == "owner_team" else key): DECLARED[key] for key in DECLARED}

    assert list(lost(DECLARED, renamed)) == ["owner_team"]


def test_a_choice_that_became_a_free_text_is_found() -> None:
    changed = {**DECLARED, "license": "MIT"}

    assert list(lost(DECLARED, changed)) == ["license: Apache-2.0, MIT, Proprietary"]


def test_a_new_question_a_new_choice_and_a_new_order_are_allowed() -> None:
    grown = {"schedule": "hourly", **DECLARED, "license": ["MIT", *DECLARED["license"][:2], "BSD"]}

    assert list(lost(DECLARED, grown)) == []
