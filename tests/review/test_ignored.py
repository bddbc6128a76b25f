"""What git ignores is no part of a repository; what is tracked is, whatever `.gitignore` says."""

from pathlib import Path

import pytest
from datadevops_review.repository import Repository
from datadevops_review.review import review
from datadevops_review.standard import Standard
from foreign import build

import bake

FILES = {".gitignore": ".env\nlocal/\n", ".env": "A=1\n", "local/run.py": "a = 1\n", "kept.py": "b = 1\n"}


def failing(folder: Path) -> set[str]:
    return {each.rule for each in review(folder, Standard()).in_state("failed")}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """With a file and a folder that are ignored, and one that is not tracked yet."""
    bake.commit(build(tmp_path / "outer" / "product", FILES), "a")
    (tmp_path / "outer" / "product" / "new.py").touch()
    return tmp_path / "outer" / "product"


def test_files_that_git_ignores_are_not_reviewed(repository: Path) -> None:
    assert Repository(repository).files == [".gitignore", "kept.py", "new.py"]
    assert "DD611" not in failing(repository)


def test_an_ignored_file_that_is_tracked_all_the_same_is_reviewed(repository: Path) -> None:
    bake.git("add", "--force", ".env", cwd=repository)

    assert "DD611" in failing(repository)


def test_without_git_every_file_counts(repository: Path) -> None:
    (repository / ".git").rename(repository.parent / "no-git")

    assert Repository(repository).files == sorted([*FILES, "new.py"])


def test_a_product_in_a_folder_that_another_repository_ignores_is_reviewed_whole(tmp_path: Path) -> None:
    build(tmp_path, {".gitignore": "baked/\n", "baked/one/a.py": "", "baked/b.py": ""})
    bake.commit(tmp_path, "a")

    assert Repository(tmp_path / "baked" / "one").files == ["a.py"]
    assert Repository(tmp_path / "baked").files == ["b.py", "one/a.py"]


def test_a_hook_of_a_commit_of_another_repository_changes_nothing(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bake.commit(build(tmp_path / "other", {"a": ""}), "a")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))

    assert Repository(repository).files == [".gitignore", "kept.py", "new.py"]
