"""A session in which something could not be run does not look green."""

import os
import subprocess
import sys
from pathlib import Path

import not_run
import pytest

TESTS = """
import pytest

def test_that_passes():
    pass

def test_that_needs_a_tool():
    pytest.skip({reason!r})

def test_that_may_fail():
    assert {good}
"""
MISSING, ELSEWHERE = "NOT RUN: no-such-tool is not installed", "needs a pseudo-terminal"


@pytest.mark.parametrize(
    ("reason", "good", "words", "code"),
    [
        (MISSING, True, [], 3),
        (MISSING, True, ["-p", "xdist", "-n", "1"], 3),
        (MISSING, False, [], 1),
        (ELSEWHERE, True, [], 0),
    ],
    ids=["not run", "not run in another process", "not run, and another test failed", "another reason"],
)
def test_only_what_was_not_run_changes_the_exit_code_of_a_good_session(tmp_path, reason, good, words, code):
    (tmp_path / "test_some.py").write_text(TESTS.format(reason=reason, good=good), encoding="utf-8")
    around = {"PYTHONPATH": str(Path(not_run.__file__).parent), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

    call = [sys.executable, "-m", "pytest", "-p", "not_run", *words, "."]
    done = subprocess.run(call, cwd=tmp_path, env=os.environ | around, capture_output=True, text=True)

    assert done.returncode == code, done.stdout + done.stderr
    assert (f"\n{MISSING}\n" in done.stdout) == (reason == MISSING)


def test_these_tests_end_so_too(pytestconfig):
    assert pytestconfig.pluginmanager.has_plugin("not_run")
