"""The command: words in, a report and an exit code out."""

import json
from pathlib import Path

import pytest
from datadevops_review import cli
from datadevops_review.rules import RULES

from breaks import BREAKS


def run(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as end:
        cli.main([str(word) for word in words])
    return int(end.value.code or 0)


def test_a_good_product_ends_with_0_and_a_broken_must_with_1(
    product: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(product) == 0
    BREAKS["DD613"](product)
    assert run("check", product) == 0  # a should

    BREAKS["DD404"](product)
    assert run(product) == 1
    assert "DD404 must" in capsys.readouterr().out


def test_without_a_path_it_reviews_this_folder(
    product: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(product)

    assert run() == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("rain-forecast: ")


UNUSABLE = {
    "no folder": (["nowhere"], "error: nowhere: no such folder"),
    "no profile": ([".", "--profile", "none.toml"], "error: none.toml: cannot be read"),
    "an address for a profile": (
        [".", "--profile", "https://standards.example.com/datadevops.toml"],
        "error: --profile https://standards.example.com/datadevops.toml: takes a file on this machine",
    ),
    "no place to write": (
        [".", "--format", "json", "--output", "no/where"],
        "error: no/where: cannot be written",
    ),
    "an unknown option": ([".", "--strict"], "unrecognized arguments: --strict"),
    "an unknown format": ([".", "--format", "pdf"], "invalid choice: 'pdf'"),
    "an unknown rule": (["explain", "DD999"], "invalid choice: 'DD999'"),
}


@pytest.mark.parametrize(("words", "said"), UNUSABLE.values(), ids=UNUSABLE)
def test_unusable_input_ends_with_2_and_says_why(
    words: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)

    assert run(*words) == 2
    assert said in capsys.readouterr().err


def test_a_report_goes_to_stdout_alone_or_into_a_file_beside_the_summary(
    product: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(product, "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["exit_code"] == 0

    assert run(product, "--format", "markdown", "--output", tmp_path / "review.md") == 0
    assert "rules pass" in capsys.readouterr().out
    assert (tmp_path / "review.md").read_text(encoding="utf-8").startswith("## Review of rain-forecast")


def test_the_profile_of_the_repository_counts_and_another_one_goes_before_it(
    product: Path, tmp_path: Path
) -> None:
    (product / "datadevops.toml").write_text('strictness = "production"\n', encoding="utf-8")
    assert run(product) == 1
    assert run(product, "--strictness", "starter") == 0

    (tmp_path / "ours.toml").write_text('strictness = "starter"\n', encoding="utf-8")
    assert run(product, "--profile", tmp_path / "ours.toml") == 0


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_is_explained(rule: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("explain", rule.lower()) == 0
    assert capsys.readouterr().out.startswith(f"{rule}: ")
