"""The template's own release: one number, notes, and workflows that may do no more than they must."""

import re
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

import bake
import set_version
from declaration import ROOT

TODAY = date(2026, 12, 1)
WORKFLOWS = {
    path.name: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))
}
WRITE = {  # workflow, job -> what it may write
    ("release.yml", "publish"): {"contents"},
    ("site.yml", "deploy"): {"id-token", "pages"},
}


def test_the_steps_of_the_guide_prepare_a_release_whose_checks_of_numbers_pass(clone: Path) -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Releases\n")[2]
    (command,) = re.findall(r"python (tools/set_version\.py) 1\.1\.0\n", guide)
    changelog = clone / "CHANGELOG.md"
    text = changelog.read_text(encoding="utf-8")
    changelog.write_text(text.replace("## [Unreleased]\n", "## [Unreleased]\n\n- A new thing.\n"), "utf-8")

    done = bake.run(sys.executable, command, "1.1.0", cwd=clone)

    assert done.returncode == 0, done.stderr
    changed = bake.git("diff", "--name-only", "-z", cwd=clone).split("\0")[:-1]
    kit = "<<cookiecutter.project_slug>>/vendor/datadevops-kit"
    assert sorted(changed) == sorted([*done.stdout.splitlines(), f"{kit}/src/datadevops/release.sha256"])
    numbers = bake.git("grep", "-hE", r"^(__version__|version) = ", "--", kit, "review", cwd=clone)
    assert set(re.findall(r'"(.+)"', numbers)) == {"1.1.0"}
    assert (
        bake.git("grep", "-ohE", "datadevops-kit.*>=.*<2", "--", set_version.PRODUCT, cwd=clone).count(
            ">=1.1,<2"
        )
        == 2
    )
    assert bake.run(sys.executable, "tools/seal_kit.py", "--check", cwd=clone).returncode == 0
    assert bake.run(".ci/notes", "v1.1.0", cwd=clone).stdout.strip() == "- A new thing."


CHANGELOGS = {
    "with entries": (
        "## [Unreleased]\n\n- A.\n\n## [1.0.0] - 2026-11-01\n",
        "## [Unreleased]\n\n## [1.1.0] - 2026-12-01\n\n- A.\n\n## [1.0.0] - 2026-11-01\n",
    ),
    "prepared": (
        "## [Unreleased]\n\n## [1.1.0]\n\n- A.\n",
        "## [Unreleased]\n\n## [1.1.0] - 2026-12-01\n\n- A.\n",
    ),
}


@pytest.mark.parametrize(("text", "new"), CHANGELOGS.values(), ids=CHANGELOGS)
def test_the_heading_of_a_release_has_its_number_and_its_day(text: str, new: str) -> None:
    assert set_version.changelog(text, "1.1.0", TODAY) == new


REFUSED = {
    "without notes": (
        "## [Unreleased]\n\n## [1.0.0] - 2026-11-01\n\n- A.\n",
        "says nothing below Unreleased",
    ),
    "released already": ("## [Unreleased]\n\n## [1.1.0] - 2026-11-01\n", "released already - 2026-11-01"),
    "in two places": ("## [Unreleased]\n\n- B.\n\n## [1.1.0]\n\n- A.\n", r"move them below `## \[1\.1\.0\]`"),
}


@pytest.mark.parametrize(("text", "told"), REFUSED.values(), ids=REFUSED)
def test_a_changelog_that_is_not_ready_is_refused(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        set_version.changelog(text, "1.1.0", TODAY)


@pytest.mark.parametrize("words", [[], ["v1.1.0"], ["1.1"], ["1.1.0", "now"]], ids=str)
def test_what_is_no_number_is_refused(words: list[str]) -> None:
    assert set_version.main(words) == 2


def test_the_notes_of_the_first_release_say_what_a_reader_of_the_release_needs() -> None:
    done = bake.run(".ci/notes", "v1.0.0", cwd=ROOT)

    assert done.returncode == 0
    assert "### Added" in done.stdout
    assert not re.search(r"not tagged|prepared|TODO|unreleased", done.stdout, re.IGNORECASE)


def jobs() -> dict[tuple[str, str], dict[str, Any]]:
    return {(name, job): value for name, each in WORKFLOWS.items() for job, value in each["jobs"].items()}


def test_a_tag_without_its_number_or_notes_ends_before_the_checks_begin() -> None:
    release = WORKFLOWS["release.yml"]["jobs"]

    assert '.ci/notes "$VERSION"' in str(release["ready"]["steps"])
    assert release["checks"]["needs"] == "ready"
    assert release["publish"]["needs"] == "checks"


def test_only_the_jobs_that_publish_may_write() -> None:
    allowed = {
        each: {name for name, access in job.get("permissions", {}).items() if access == "write"}
        for each, job in jobs().items()
    }

    assert {each: names for each, names in allowed.items() if names} == WRITE
    assert [name for name, each in WORKFLOWS.items() if each["permissions"] != {}] == []


@pytest.mark.parametrize(
    ("old", "new", "code"), [("", "", 0), ("permissions: {}", "permissions: write-all", 14)]
)
def test_zizmor_finds_nothing_in_the_workflows(old: str, new: str, code: int, tmp_path: Path) -> None:
    for name in WORKFLOWS:
        text = (ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace(old, new), encoding="utf-8")

    done = bake.run(bake.command("zizmor"), "--offline", "--quiet", *tmp_path.iterdir(), cwd=tmp_path)

    assert done.returncode == code, done.stdout


def test_the_workflows_keep_the_schema_of_github() -> None:
    files = [ROOT / ".github" / "workflows" / name for name in WORKFLOWS]
    schema = ("--builtin-schema", "vendor.github-workflows")

    done = bake.run(bake.command("check-jsonschema"), *schema, *files, cwd=ROOT)

    assert done.returncode == 0, done.stdout


def test_the_site_that_is_deployed_is_the_one_that_tox_builds() -> None:
    build, deploy = (WORKFLOWS["site.yml"]["jobs"][name] for name in ("build", "deploy"))
    steps = [step.get("run", step.get("with", {}).get("path")) for step in build["steps"]]

    assert steps[-2].endswith(" tox -e docs")
    assert steps[-1] == ".tox/docs/site"
    assert deploy["needs"] == "build"
    assert deploy["environment"]["name"] == "github-pages"


def test_an_action_has_one_hash_wherever_it_is_used() -> None:
    found: dict[str, set[str]] = {}
    for path in [*ROOT.glob(".github/workflows/*.yml"), *ROOT.glob("<<*>>/.github/workflows/*.yml")]:
        text = path.read_text(encoding="utf-8")
        for action, pinned in re.findall(r"uses: ([\w/-]+)@(\S+ # v\S+)$", text, re.MULTILINE):
            found.setdefault(action, set()).add(pinned)

    assert len(found) > 5
    assert {action: pins for action, pins in found.items() if len(pins) > 1} == {}
