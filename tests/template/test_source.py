"""Both engines record for `copier update` where a product is from, or say that it cannot be updated."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from cookiecutter.main import cookiecutter

import bake

HOST = "https://example.org"
NAME = "datadevops-template"
ADDRESSES = {
    "gh:org/datadevops-template": "https://github.com/org/datadevops-template.git",
    "our:datadevops-template": f"git+{HOST}/_git/datadevops-template",
    f"{HOST}/_git/datadevops-template": f"git+{HOST}/_git/datadevops-template",
    f"{HOST}/datadevops-template.git": f"{HOST}/datadevops-template.git",
    f"{HOST}/datadevops-template.git/": f"{HOST}/datadevops-template.git",
    "git@example.org:datadevops-template": "git@example.org:datadevops-template",
    "ssh://git@example.org/datadevops-template": "git+ssh://git@example.org/datadevops-template",
}
SECRETS = {
    f"git+https://me:s3cr3t@example.org/_git/{NAME}": f"git+{HOST}/_git/{NAME}",
    f"https://s3cr3t@example.org/{NAME}.git": f"{HOST}/{NAME}.git",
    f"https://me:s3cr3t@@example.org/{NAME}.git": f"{HOST}/{NAME}.git",
    f"ssh://git:s3cr3t@example.org/{NAME}.git": f"ssh://git@example.org/{NAME}.git",
}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A template tagged v1.0.0 that renders two files, for a test that changes it."""
    most = rf"kit$|review/|{bake.TREE}/(?!\.copier-answers|\.gitig)"
    return bake.copy_template(tmp_path / "own" / NAME, bake.REST, most)


@pytest.fixture
def machine(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on a machine where every address of the template leads to `small`."""
    named = {address.removeprefix("git+").partition(NAME)[0] for address in (*ADDRESSES.values(), *SECRETS)}
    lines = [f'[url "{small.parent}/"]\n\tinsteadOf = {each}' for each in sorted(named)]
    (tmp_path / "gitconfig").write_text("\n".join(lines) + "\n", encoding="utf-8")
    bake.git("clone", "-q", "--bare", small, small.parent / f"{NAME}.git", cwd=tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("COPIER_CACHE_DIR", str(tmp_path / "copier"))
    known = {name: str(tmp_path / name) for name in ("cookiecutters_dir", "replay_dir")}
    abbreviations = {"abbreviations": {"our": f"{HOST}/_git/{{0}}"}}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(known | abbreviations), encoding="utf-8")
    monkeypatch.setenv("COOKIECUTTER_CONFIG", str(tmp_path / "config.yaml"))
    (tmp_path / "here").mkdir()
    return tmp_path / "here"


def by_cookiecutter(
    address: str | Path, *options: str, cwd: Path, at: Path | None = None, **more: str
) -> tuple[Path, str]:
    """The product, and what was said on stderr."""
    done = bake.run(bake.command("cookiecutter"), address, "--no-input", *options, cwd=cwd, **more)
    assert done.returncode == 0, done.stderr
    return (at or cwd) / "rain-forecast", done.stderr


def by_copier(address: str | Path, *options: str, cwd: Path, **more: str) -> tuple[Path, str]:
    words = ["-m", "copier", "copy", "--defaults", *options, address, "rain-forecast"]
    done = bake.run(sys.executable, *words, cwd=cwd, **more)
    assert done.returncode == 0, done.stderr
    return cwd / "rain-forecast", done.stderr


BOTH = pytest.mark.parametrize("engine", [by_cookiecutter, by_copier], ids=["cookiecutter", "copier"])


def recorded(product: Path) -> dict[str, str]:
    text = (product / ".copier-answers.yml").read_text(encoding="utf-8")
    answers: dict[str, str] = yaml.safe_load(text)
    return answers


def update(product: Path) -> subprocess.CompletedProcess[str]:
    bake.commit(product, "as baked")
    return bake.run(sys.executable, "-m", "copier", "update", "--defaults", cwd=product)


def release(template: Path) -> None:
    (template / bake.TREE / "NEWS").write_text("News.\n", encoding="utf-8")
    bake.commit(template, "news", "v1.1.0")


@pytest.mark.parametrize(("address", "known"), ADDRESSES.items(), ids=ADDRESSES)
def test_cookiecutter_records_the_address_as_copier_needs_it(
    address: str, known: str, machine: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    product = Path(cookiecutter(address, no_input=True, output_dir=str(machine)))

    answers = recorded(product)
    assert (answers["_src_path"], answers["_commit"]) == (known, "v1.0.0")
    assert "note:" not in capfd.readouterr().err


@pytest.mark.parametrize(("address", "known"), SECRETS.items(), ids=SECRETS)
def test_a_password_or_token_of_the_address_is_not_recorded(address: str, known: str, machine: Path) -> None:
    product = Path(cookiecutter(address, no_input=True, output_dir=str(machine)))

    assert recorded(product)["_src_path"] == known
    assert "s3cr3t" not in (product / ".copier-answers.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize("address", list(SECRETS)[::3])
def test_copier_does_not_record_them_either(address: str, machine: Path) -> None:
    product, _ = by_copier(address, cwd=machine)

    assert recorded(product)["_src_path"] == SECRETS[address]


def test_a_product_of_an_address_that_only_git_knows_can_be_updated(small: Path, machine: Path) -> None:
    product, _ = by_cookiecutter(f"{HOST}/_git/{NAME}", cwd=machine)
    release(small)

    done = update(product)

    assert done.returncode == 0, done.stderr
    assert (product / "NEWS").exists()


def test_a_template_that_cookiecutter_cloned_before_is_known_by_its_address(machine: Path) -> None:
    by_cookiecutter(f"{HOST}/_git/{NAME}", cwd=machine)
    (machine / "again").mkdir()

    product, _ = by_cookiecutter(NAME, cwd=machine / "again")

    assert recorded(product)["_src_path"] == f"git+{HOST}/_git/{NAME}"


@BOTH
def test_a_product_of_the_clone_one_stands_in_is_recorded_by_its_full_path_and_updated(
    engine: Any, small: Path
) -> None:
    product, said = engine(".", cwd=small)
    answers = recorded(product)
    shutil.move(product, small.parent / "product")
    release(small)

    done = update(small.parent / "product")

    assert (answers["_src_path"], answers["_commit"]) == (str(small), "v1.0.0")
    assert "note:" not in said
    assert done.returncode == 0, done.stderr
    assert (small.parent / "product" / "NEWS").exists()


def in_a_folder(small: Path) -> list[str]:
    shutil.copytree(small, small.parent / "all" / "templates" / NAME, ignore=shutil.ignore_patterns(".git"))
    bake.commit(small.parent / "all", "several templates", "v1.0.0")
    return [str(small.parent / "all"), "--directory", f"templates/{NAME}"]


def copied(small: Path) -> list[str]:
    """Inside a repository, whose version is another project's."""
    return [str(shutil.copytree(small, small / "copy", ignore=shutil.ignore_patterns(".git")))]


def zipped(small: Path) -> list[str]:
    copied(small)
    return [shutil.make_archive(str(small.parent / NAME), "zip", small, "copy")]


@pytest.mark.parametrize("made", [in_a_folder, copied, zipped], ids=lambda made: made.__name__)
def test_a_product_that_cannot_be_updated_is_told_at_its_bake(made: Any, small: Path, tmp_path: Path) -> None:
    template, *options = made(small)

    product, said = by_cookiecutter(template, *options, cwd=tmp_path)

    assert recorded(product).get("_src_path") == (template if made is copied else None)
    assert "_commit" not in recorded(product)
    reason = "the template is not the top folder of a git repository"
    assert f"note: `copier update` cannot update this product: {reason}" in said


def test_copier_too_says_that_it_cannot_update_a_product_of_a_copied_folder(
    small: Path, tmp_path: Path
) -> None:
    product, said = by_copier(*copied(small), cwd=tmp_path)

    assert "note: `copier update` cannot update this product" in said
    assert "_commit" not in recorded(product)


@pytest.mark.parametrize("name", [".", f"../{NAME}", "absolute"])
def test_another_name_of_a_template_on_this_machine_is_recorded_by_its_full_path(
    name: str, small: Path
) -> None:
    name = str(small) if name == "absolute" else name

    product, _ = by_cookiecutter(name, "-o", str(small.parent), cwd=small, at=small.parent)

    answers = recorded(product)
    assert (answers["_src_path"], answers["_commit"]) == (str(small), "v1.0.0")


@BOTH
def test_a_template_of_another_user_is_no_template_without_a_version(
    engine: Any, small: Path, tmp_path: Path
) -> None:
    product, said = engine(small, cwd=tmp_path, GIT_TEST_ASSUME_DIFFERENT_OWNER="1")

    assert "_commit" not in recorded(product)
    assert "note: `copier update` cannot update this product" in said
    assert engine is by_copier or f"git config --global --add safe.directory {small}" in said


@pytest.mark.parametrize("file", [f"{bake.TREE}/NEWS", f"{bake.TREE}/.gitignore", "cookiecutter.json"])
def test_a_template_with_changes_of_its_own_is_not_taken_for_its_version(
    file: str, small: Path, tmp_path: Path
) -> None:
    with (small / file).open("a", encoding="utf-8") as changed:
        changed.write("\n")

    product, said = by_cookiecutter(small, cwd=tmp_path)

    assert recorded(product)["_commit"] == "v1.0.0"
    assert "note: the template has changes that are not committed; the recorded v1.0.0 lacks them" in said


def test_changes_beside_what_is_rendered_do_not_matter(small: Path, tmp_path: Path) -> None:
    (small / "README.md").write_text("Mine.\n", encoding="utf-8")

    assert "note:" not in by_cookiecutter(small, cwd=tmp_path)[1]


def test_without_git_no_version_is_known_and_that_is_said(small: Path, tmp_path: Path) -> None:
    _, said = by_cookiecutter(small, cwd=tmp_path, PATH=str(Path(sys.executable).parent))

    assert "note: `copier update` cannot update this product: " in said
    assert "git is not installed" in said


def test_a_product_in_a_folder_of_a_larger_repository_is_updated(small: Path, tmp_path: Path) -> None:
    (tmp_path / "all" / "products").mkdir(parents=True)
    product, _ = by_cookiecutter(small, cwd=tmp_path / "all" / "products")
    bake.commit(tmp_path / "all", "several products")
    release(small)

    done = bake.run(sys.executable, "-m", "copier", "update", "--defaults", cwd=product)

    assert done.returncode == 0, done.stderr
    assert bake.git("status", "--porcelain", "--untracked-files", cwd=tmp_path / "all").splitlines() == [
        " M products/rain-forecast/.copier-answers.yml",
        "?? products/rain-forecast/NEWS",
    ]
