"""The wheel of a release holds all that the command needs."""

import re
import shutil
from pathlib import Path
from zipfile import ZipFile

import yaml

import bake
from declaration import ROOT

RELEASE = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8"))


def test_the_wheel_that_a_release_builds_holds_modules_pages_and_entry_points(tmp_path: Path) -> None:
    said = [step.get("run", "") for step in RELEASE["jobs"]["publish"]["steps"]]
    (command,) = [each for each in said if "build" in each]
    shutil.copytree(ROOT / "review", tmp_path / "review")

    done = bake.run(bake.command("uv"), *command.split()[1:], cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    (wheel,) = (tmp_path / "dist").glob("datadevops_review-*.whl")
    names = set(ZipFile(wheel).namelist())
    source = ROOT / "review" / "src"
    kinds = {".py", ".j2", ".css", ".js"}
    ours = {p.relative_to(source).as_posix() for p in source.rglob("*") if p.suffix in kinds}
    assert ours - names == set()
    (entries,) = (name for name in names if name.endswith("entry_points.txt"))
    assert re.search("datadevops-review = datadevops_review.cli:main", ZipFile(wheel).read(entries).decode())
    assert any("dist/*.whl" in each for each in said), "the release attaches it"
