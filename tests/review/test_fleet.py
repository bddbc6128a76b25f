"""Many repositories in one table, on one page, and as facts for a catalogue."""

import json
import re
from pathlib import Path

import pytest
from datadevops_review import cli
from datadevops_review.review import review
from datadevops_review.standard import Standard
from datadevops_review.template import Template
from foreign import build

import bake
from breaking import edit


def run(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as end:
        cli.main(["fleet", *map(str, words)])
    return int(end.value.code or 0)


def cells(printed: str) -> dict[str, list[str]]:
    rows = (re.split(r"\s{2,}", line.strip()) for line in printed.splitlines())
    return {row[0]: row[1:] for row in rows}


def test_a_folder_of_repositories_gives_a_row_for_each_the_worst_first(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(fleet, "--processes", "1") == 1

    printed = capsys.readouterr()
    table = cells(printed.out)
    assert list(table)[1:5] == ["foreign", "broken", "waived", "good"]
    owner, version, behind, passed, musts, waivers, last = table["broken"]
    assert (owner, version, behind, musts, waivers, last) == (
        "weather-data",
        "v0.9.0",
        "major",
        "DD404",
        "-",
        "-",
    )
    assert re.fullmatch(r"\d+/\d+", passed)
    assert table["waived"][0] == "payments"
    assert table["waived"][5] == "1, until 2027-03-31"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", table["good"][6])
    assert table["foreign"][:3] == ["-", "-", "-"]
    assert printed.out.splitlines()[-1] == "4 repositories: in 2 a must fails."
    assert printed.err == ""  # a progress bar is for a terminal


def test_a_list_of_folders_counts_from_its_own_place_and_a_missing_one_is_not_run(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(fleet.parent / "list.txt") == 1
    out = capsys.readouterr().out
    assert list(cells(out))[1:4] == ["gone", "broken", "good"]
    assert cells(out)["gone"] == ["NOT RUN", "no such folder"]

    assert run(fleet / "good", fleet / "gone") == 3
    assert "1 could not be reviewed (NOT RUN)." in capsys.readouterr().out


def test_several_processes_give_the_same_table(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(fleet, "--processes", "1")
    alone = capsys.readouterr().out

    run(fleet, "--processes", "2")

    assert capsys.readouterr().out == alone


def test_the_profile_of_a_repository_counts_unless_there_is_one_for_all(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (fleet / "good" / "datadevops.toml").write_text('strictness = "production"\n', encoding="utf-8")
    (fleet / "waived" / "datadevops.toml").write_text("strictness = 1\n", encoding="utf-8")
    run(fleet)
    table = cells(capsys.readouterr().out)
    assert table["good"][4] == "DD506"
    assert table["waived"][:1] == ["NOT RUN"]

    (fleet.parent / "all.toml").write_text('strictness = "starter"\n', encoding="utf-8")
    assert run(fleet / "good", fleet / "waived", "--profile", fleet.parent / "all.toml") == 0


def test_the_facts_are_those_that_backstage_takes(fleet: Path) -> None:
    run(fleet, "--json", fleet.parent / "facts.json")

    found = json.loads((fleet.parent / "facts.json").read_text(encoding="utf-8"))
    by_name = {Path(each["facts"]["path"]).name: each for each in found}
    broken = by_name["broken"]
    assert broken["entity"] == {"namespace": "default", "kind": "Component", "name": "rain-forecast"}
    assert broken["facts"]["mustsFailing"] == ["DD404"]
    assert (broken["facts"]["templateReleasesBehind"], broken["facts"]["templateMajorBehind"]) == (None, True)
    assert by_name["good"]["facts"]["templateReleasesBehind"] == 0
    assert by_name["waived"]["facts"]["firstWaiverExpires"] == "2027-03-31"
    assert by_name["foreign"]["entity"]["name"] == "foreign"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]+\+00:00", broken["timestamp"])


def test_a_template_of_the_profile_is_not_rendered_for_a_fleet_either(
    fleet: Path, small_template: Path, tmp_path: Path
) -> None:
    edit("tox.toml", ("strictly", "softly"))(fleet / "good")
    (tmp_path / "all.toml").write_text(f"template = '{small_template}'\n", encoding="utf-8")

    run(fleet / "good", "--profile", tmp_path / "all.toml", "--json", tmp_path / "facts.json")

    (found,) = json.loads((tmp_path / "facts.json").read_text(encoding="utf-8"))
    assert (found["facts"]["templateReleasesBehind"], found["facts"]["notRun"]) == (0, ["DD415"])


def test_releases_of_the_template_are_counted_without_rendering_it(
    fleet: Path, small_template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(fleet / "good", "--template", small_template) == 0
    assert cells(capsys.readouterr().out)["good"][2] == "0"
    standard = Standard(template=Template(str(small_template), compare=False))
    reasons = {each.rule: each.reason for each in review(fleet / "good", standard).in_state("not run")}
    assert reasons == {"DD415": "`--compare` renders the template and compares; that takes seconds"}

    edit("tox.toml", ("strictly", "softly"))(fleet / "good")
    found = fleet.parent / "facts.json"
    run(fleet / "good", "--template", small_template, "--compare", "--json", found)
    assert json.loads(found.read_text(encoding="utf-8"))[0]["facts"]["shouldsFailing"] == ["DD415"]


def test_a_patch_of_the_template_counts_too(
    fleet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bake.commit(build(tmp_path / "tagged", {"a": ""}), "a", "v1.0.0")
    for tag in ("v1.0.1", "v1.1.0", "v1.1.1", "v1.2.0rc1"):
        bake.git("tag", tag, cwd=tmp_path / "tagged")

    run(fleet / "good", "--template", tmp_path / "tagged")

    assert cells(capsys.readouterr().out)["good"][1:3] == ["v1.0.0", "3"]


UNUSABLE = {
    "no path": ([], "the following arguments are required: PATH"),
    "an empty list": (["empty.txt"], "error: no repository is named"),
    "a list that is none": (["binary"], "error: binary: cannot be read as a list of folders"),
    "a bad profile": ([".", "--profile", "none.toml"], "error: none.toml: cannot be read"),
}


@pytest.mark.parametrize(("words", "said"), UNUSABLE.values(), ids=UNUSABLE)
def test_unusable_input_ends_with_2(
    words: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty.txt").write_text("# nobody yet\n", encoding="utf-8")
    Path("binary").write_bytes(b"\xff\xfe")

    assert run(*words) == 2
    assert said in capsys.readouterr().err
