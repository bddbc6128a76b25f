"""Whatever lies in a repository: it is named, and the review goes on."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from datadevops_review import repository
from datadevops_review.review import review
from datadevops_review.standard import Standard
from datadevops_review.verdict import Review


def problems(found: Review) -> list[str]:
    return [str(each) for each in next(each for each in found.results if each.rule == "DD002").findings]


def make(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


NOBODY = 65534
CONTRACT = "src/shop/contracts/orders.yaml"
FILES: dict[str, tuple[str, bytes, str]] = {
    "broken YAML": ("ops/rules.yaml", b"groups:\n  - alert: [\n", "ops/rules.yaml: is not YAML"),
    "a bad day": (CONTRACT, b"kind: DataContract\nversion: [\n", f"{CONTRACT}: is not YAML"),
    "nested without end": (CONTRACT, b"kind: DataContract\na: " + b"[" * 20_000, f"{CONTRACT}: is not YAML"),
    "broken TOML": ("pyproject.toml", b"[project\n", "pyproject.toml: is not TOML"),
    "Latin-1": ("README.md", b"caf\xe9\n", "README.md: is not UTF-8 text"),
    "binary": (CONTRACT, b"\0\1\2\3", f"{CONTRACT}: is not a text"),
    "huge": (
        "README.md",
        b"words " * 400_000,
        "README.md: cannot be read: 2,400,000 bytes",
    ),
    "broken Python": ("tests/test_a.py", b"def test(:\n", "tests/test_a.py: is not Python"),
    "broken JSON": ("renovate.json", b"{", "renovate.json: is not JSON"),
}


@pytest.mark.parametrize(("name", "content", "said"), FILES.values(), ids=FILES)
def test_a_file_that_cannot_be_read_is_named_and_the_rest_is_reviewed(
    name: str, content: bytes, said: str, tmp_path: Path
) -> None:
    make(tmp_path / name, content)

    found = review(tmp_path, Standard())

    assert any(each.startswith(said) for each in problems(found)), problems(found)
    assert broken_rules(found) == []
    assert len(found.results) > 40


@pytest.mark.parametrize("name", ["data/people.csv", "tests/people.CSV", "data/people.jsonl"])
def test_data_of_any_size_and_encoding_are_no_problem(name: str, tmp_path: Path) -> None:
    content = b"id,caf\xe9\n" + b"1,2\n" * (repository.MAX_BYTES // 4)
    make(tmp_path / name, content)
    make(tmp_path / "README.md", b"# A\n")
    found = repository.Repository(tmp_path)

    read = {each: found.text(each) for each in found.files}

    assert read == {"README.md": "# A\n", name: ""}
    assert found.problems == {}


def broken_rules(found: Review) -> list[str]:
    return [each.rule for each in found.results if each.reason.startswith("the rule itself failed")]


def loop(folder: Path) -> None:
    (folder / "again").symlink_to(folder)


def dangling(folder: Path) -> None:
    (folder / "README.md").symlink_to("nowhere")


def file_loop(folder: Path) -> None:
    (folder / "README.md").symlink_to("README.md")


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "README.md")


def outside(folder: Path) -> None:
    (folder / "README.md").symlink_to("/etc/passwd")


STRANGE: dict[str, tuple[Callable[[Path], None], list[str]]] = {
    "a link to its own folder": (loop, []),
    "a link to nothing": (dangling, ["README.md: cannot be read: No such file or directory"]),
    "a link to itself": (file_loop, ["README.md: cannot be read: Too many levels of symbolic links"]),
    "a pipe that nobody fills": (pipe, ["README.md: cannot be read: is not a regular file"]),
    "a link out of the repository": (outside, ["README.md: cannot be read: leads out of the repository"]),
}


@pytest.mark.parametrize(("make_it", "said"), STRANGE.values(), ids=STRANGE)
def test_what_is_no_ordinary_file_does_not_stop_the_review(
    make_it: Callable[[Path], None], said: list[str], tmp_path: Path
) -> None:
    (tmp_path / "a.md").touch()
    make_it(tmp_path)

    found = review(tmp_path, Standard())

    assert problems(found) == said
    assert broken_rules(found) == []


@pytest.fixture
def folder_of_a_user() -> Iterator[Path]:
    """A folder whose owner is not root, who may read everything; the test runs as that owner."""
    with TemporaryDirectory() as folder:
        if os.geteuid():
            yield Path(folder)
            return
        os.chown(folder, NOBODY, -1)
        os.seteuid(NOBODY)
        try:
            yield Path(folder)
        finally:
            os.seteuid(0)


def test_a_folder_or_file_that_may_not_be_read_is_named(folder_of_a_user: Path) -> None:
    make(folder_of_a_user / "ops" / "a.yaml", b"a: 1\n")
    make(folder_of_a_user / "README.md", b"# A\n")
    (folder_of_a_user / "README.md").chmod(0)
    (folder_of_a_user / "ops").chmod(0)

    found = review(folder_of_a_user, Standard())

    (folder_of_a_user / "ops").chmod(0o700)
    assert problems(found) == [
        "README.md: cannot be read: Permission denied",
        "ops: cannot be listed: Permission denied",
    ]


def test_of_too_many_files_only_the_first_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "MAX_FILES", 3)
    for number in range(5):
        (tmp_path / f"{number}.txt").touch()

    assert problems(review(tmp_path, Standard())) == [".: 5 files: only the first 3 are looked at"]


def test_words_of_a_pipeline_stay_words_and_its_tags_are_no_error(tmp_path: Path) -> None:
    workflow = "on: [pull_request]\njobs: {a: {steps: [{run: pytest}]}}\n"
    make(tmp_path / ".github" / "workflows" / "a.yml", workflow.encode())
    make(tmp_path / ".gitlab-ci.yml", b"a:\n  script: [!reference [.b, script], ruff check]\n")

    found = review(tmp_path, Standard())

    passed = {each.rule for each in found.in_state("passed")}
    assert {"DD002", "DD302", "DD401"} <= passed
