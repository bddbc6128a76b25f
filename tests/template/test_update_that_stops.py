"""An update that is killed, or that cannot reach the template, loses nothing."""

import re
import shutil
from pathlib import Path

import pytest

import bake
import versions
import workshop
from gates import stand_in

pytestmark = pytest.mark.updates

# Stands in for git, and kills copier at one of its commands.
KILL = 'case "$*" in *"{word}"*) kill -9 $PPID; exit 1 ;; esac\nexec {git} "$@"'
UNREACHABLE = "https://127.0.0.1:9/org/datadevops-template.git"


def edited(outdated: Path) -> Path:
    versions.append(outdated / "README.md", "Ours.\n")
    workshop.edit(outdated / ".gitignore", ".venv/\n", ".venv/  # ours\n")
    (outdated / "CODEOWNERS").unlink()
    bake.commit(outdated, "our edits")
    return outdated


def content(product: Path) -> dict[str, bytes]:
    names = bake.git("ls-files", "--cached", "--others", cwd=product).splitlines()
    return {name: (product / name).read_bytes() for name in names if (product / name).exists()}


@pytest.mark.parametrize(
    ("word", "written"),
    [
        pytest.param("write-tree", "", id="before a file is written"),
        pytest.param("apply --reject", " M .gitignore", id="before the edits are merged"),
        pytest.param("no such command", "UU .gitignore", id="not at all"),
    ],
)
def test_after_a_kill_the_guide_s_command_puts_the_product_back(
    word: str, written: str, outdated: Path, tmp_path: Path
) -> None:
    product = edited(outdated)
    before = content(product)
    git = stand_in("git", KILL.format(word=word, git=shutil.which("git")), tmp_path / "bin")

    killed = versions.try_update(product, PATH=git)

    assert (killed.returncode == 0) is written.startswith("UU")
    status = bake.git("status", "--porcelain", cwd=product).splitlines()
    assert written in status if written else status == []
    (command,) = versions.commands("## When an update stops halfway")
    assert bake.run("bash", "-c", command, cwd=product).returncode == 0
    assert bake.git("status", "--porcelain", cwd=product) == ""
    assert content(product) == before


def test_the_lock_of_a_killed_git_is_deleted_by_hand(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("ours\n", encoding="utf-8")
    bake.commit(tmp_path, "a")
    (command,) = versions.commands("## When an update stops halfway")
    (name,) = re.findall(r"If git says that `(.*?)` exists", versions.HOW_TO)
    (tmp_path / name).touch()

    stopped = bake.run("bash", "-c", command, cwd=tmp_path)
    (tmp_path / name).unlink()
    restored = bake.run("bash", "-c", command, cwd=tmp_path)

    assert (stopped.returncode, restored.returncode) == (128, 0)
    assert f"{name}': File exists" in stopped.stderr


def test_offline_an_update_says_so_and_changes_nothing(outdated: Path) -> None:
    answers = outdated / ".copier-answers.yml"
    lines = answers.read_text(encoding="utf-8").splitlines()
    moved = [f'_src_path: "{UNREACHABLE}"' if line.startswith("_src_path") else line for line in lines]
    answers.write_text("\n".join([*moved, ""]), encoding="utf-8")
    bake.commit(outdated, "the template is out of reach")
    before = content(outdated)

    done = versions.try_update(outdated, **{f"{name}_proxy": "" for name in ("http", "https", "all")})

    assert done.returncode == 1
    assert f"unable to access '{UNREACHABLE}" in done.stderr.splitlines()[-1]
    assert (content(outdated), bake.git("status", "--porcelain", cwd=outdated)) == (before, "")
