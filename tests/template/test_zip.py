"""The zip file of the template: names that Windows allows, and the same products as from the tree."""

import json
import re
import sys
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

import bake
import make_zip
import tree
from declaration import DECLARED, ROOT, Answers, answer_sets, free_texts, keeps

SETS = answer_sets()[:3]  # each type, provider, way to deploy and licence
DEVICES = {"con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(10)}
FORBIDDEN = r'[<>:"|?*\\\x00-\x1f]'


def not_for_windows(names: list[str]) -> list[str]:
    """The paths that Windows refuses or mistakes, with the reason."""
    parts = {part: name for name in names for part in name.rstrip("/").split("/")}
    found = [f"{name}: a character" for part, name in parts.items() if re.search(FORBIDDEN, part)]
    found += [f"{name}: its end" for part, name in parts.items() if part[-1] in ". "]
    found += [f"{name}: a device" for part, name in parts.items() if part.split(".")[0].lower() in DEVICES]
    found += [f"{name}: {len(name)} characters" for name in names if len(name) > 150]
    same = {name.lower(): name for name in names}
    return found + [f"{name}: only its capitals differ" for name in names if same[name.lower()] != name]


@pytest.fixture(scope="session")
def zipped(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template as a zip file that was released as v1.0.0 at the address of `template`. Read only."""
    target = tmp_path_factory.mktemp("zip") / "datadevops-template.zip"
    make_zip.write(template, target, [str(template), "v1.0.0"])
    return target


@pytest.fixture(scope="session")
def unzipped(zipped: Path) -> Path:
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(zipped.parent)
    return zipped.parent / make_zip.NAME


def from_zip(address: str | Path, cwd: Path, **surroundings: str) -> Path:
    done = bake.run(bake.command("cookiecutter"), address, "--no-input", cwd=cwd, **surroundings)
    assert (done.returncode, done.stderr) == (0, "")
    return cwd / "rain-forecast"


def differences(one: Path, two: Path) -> list[str]:
    return tree.differences(tree.snapshot(one), tree.snapshot(two))


@pytest.mark.parametrize("answers", SETS, ids=lambda answers: "-".join(answers.values()))
def test_the_zip_file_renders_the_bytes_of_the_tree(
    answers: Answers, zipped: Path, template: Path, tmp_path: Path
) -> None:
    one, two = (bake.by_cookiecutter(each, tmp_path / each.name, **answers) for each in (template, zipped))

    assert differences(one, two) == []


@pytest.mark.parametrize("kind", bake.DEFAULT_SLUGS)
def test_copier_renders_the_same_from_the_unpacked_file(
    kind: str, unzipped: Path, template: Path, tmp_path: Path
) -> None:
    one = bake.by_cookiecutter(template, tmp_path, product_type=kind)
    two = bake.by_copier(unzipped, tmp_path / "copier", product_type=kind)

    # Nobody can update from a folder without history, and copier says so.
    assert differences(one, two) == [".copier-answers.yml: bytes"]


def test_an_address_of_the_zip_file_is_enough(zipped: Path, baked: Path, tmp_path: Path) -> None:
    handler = partial(SimpleHTTPRequestHandler, directory=str(zipped.parent))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/{zipped.name}"
        product = from_zip(address, tmp_path, NO_PROXY="127.0.0.1")
    finally:
        server.shutdown()
        server.server_close()

    assert differences(product, baked) == []


@pytest.mark.parametrize("packed", [True, False], ids=["the file", "unpacked"])
def test_a_machine_without_git_can_bake_from_it(
    packed: bool, zipped: Path, unzipped: Path, baked: Path, tmp_path: Path
) -> None:
    product = from_zip(zipped if packed else unzipped, tmp_path, PATH=str(Path(sys.executable).parent))

    assert differences(product, baked) == []


def test_a_product_from_it_is_updated_from_the_repository(tmp_path: Path) -> None:
    few = rf"kit$|review/|{bake.TREE}/(?!\.copier-answers|\.gitig)"
    small = bake.copy_template(tmp_path / "small", bake.REST, few)
    make_zip.write(small, tmp_path / "a.zip", [str(small), "v1.0.0"])
    product = bake.by_cookiecutter(tmp_path / "a.zip", tmp_path)
    bake.commit(product, "as baked")
    (small / bake.TREE / "NEWS").write_text("News.\n", encoding="utf-8")
    bake.commit(small, "news", "v1.1.0")

    done = bake.run(sys.executable, "-m", "copier", "update", "--defaults", cwd=product)

    assert done.returncode == 0, done.stderr
    assert bake.git("status", "--porcelain", cwd=product) == " M .copier-answers.yml\n?? NEWS\n"


def test_its_names_and_those_of_a_product_are_allowed_on_windows(tmp_path: Path, baked: Path) -> None:
    make_zip.write(ROOT, tmp_path / "a.zip", [])

    names = zipfile.ZipFile(tmp_path / "a.zip").namelist()

    assert names[0] == "datadevops-template/", "cookiecutter looks for the template below the first name"
    assert not_for_windows(names) == []
    assert not_for_windows(list(tree.files(baked))) == []
    assert {name.split("/")[1] for name in names[1:]} == {
        *["LICENSE", "cookiecutter.json", "copier.yml", "hooks"],
        "{@cookiecutter.project_slug@}",
    }


NAMES = {
    "a/<<b>>": "a character",
    "a/b?": "a character",
    "a./b": "its end",
    "b ": "its end",
    "a/nul.txt": "a device",
    "COM1": "a device",
    "a/" + "b" * 149: "151 characters",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_windows_refuses_is_found(name: str) -> None:
    assert not_for_windows(["ok/fine.md", name]) == [f"{name}: {NAMES[name]}"]


def test_names_that_only_differ_in_capitals_are_found() -> None:
    assert not_for_windows(["a/Readme", "a/README"]) == ["a/Readme: only its capitals differ"]


def test_what_is_copied_without_rendering_is_in_it_to_the_byte(tmp_path: Path) -> None:
    make_zip.write(ROOT, tmp_path / "a.zip", [])

    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        kit = [name for name in archive.namelist() if "/vendor/" in name]
        changed = [
            name
            for name in kit
            if archive.read(name) != (ROOT / bake.TREE / name.split("/", 2)[2]).read_bytes()
        ]

    assert (len(kit) > 100, changed) == (True, [])


def test_the_same_files_make_the_same_bytes(template: Path, tmp_path: Path) -> None:
    again = bake.copy_template(tmp_path / "again", bake.REST, bake.KIT_SOURCE)
    for name, source in {"one": template, "two": again}.items():
        make_zip.write(source, tmp_path / name, ["https://example.org/a.git", "v1.0.0"])

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("question", free_texts())
def test_no_answer_can_contain_code_in_its_delimiters(question: str, baked: Path) -> None:
    answer = yaml.safe_load((baked / ".copier-answers.yml").read_text(encoding="utf-8"))[question]
    middle = len(answer) // 2

    assert keeps(question, answer)
    assert not keeps(question, f"{answer[:middle]}{make_zip.OPENING}{answer[middle:]}")


@pytest.mark.parametrize("text", ["a {@ b\n", "<< '@}' >>\n"], ids=["opening", "closing"])
def test_a_text_that_would_change_its_meaning_is_refused_with_its_path(text: str, tmp_path: Path) -> None:
    (tmp_path / bake.TREE).mkdir()
    (tmp_path / bake.TREE / "NOTES").write_text(text, encoding="utf-8")
    (tmp_path / "cookiecutter.json").write_text(json.dumps(DECLARED), encoding="utf-8")
    bake.commit(tmp_path, "notes")

    with pytest.raises(ValueError, match=rf"^{bake.TREE}/NOTES: contains "):
        make_zip.write(tmp_path, tmp_path / "a.zip", [])

    assert not (tmp_path / "a.zip").exists()


def test_the_release_attaches_it_under_the_name_that_everybody_is_told(own_template: Path) -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8"))
    runs = [step["run"] for step in workflow["jobs"]["publish"]["steps"] if "run" in step]
    [make] = [line for line in runs if "make_zip" in line]
    server = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "org/datadevops-template"}

    done = bake.run("bash", "-c", make, cwd=own_template, VERSION="v1.0.0", **server)

    assert done.returncode == 0, done.stderr
    [made] = (own_template / "dist").iterdir()
    assert "dist/*.zip" in runs[-1]
    assert f"/releases/latest/download/{made.name}\n" in (ROOT / "README.md").read_text(encoding="utf-8")
    with zipfile.ZipFile(made) as archive:
        declared = json.loads(archive.read("datadevops-template/cookiecutter.json"))
    assert declared["_released"] == ["https://github.com/org/datadevops-template.git", "v1.0.0"]


@pytest.mark.parametrize("words", [[], ["--help"], ["a.zip", "https://example.org/a.git"]], ids=str)
def test_wrong_usage_is_refused(words: list[str], tmp_path: Path) -> None:
    done = bake.run(sys.executable, ROOT / "tools" / "make_zip.py", *words, cwd=tmp_path)

    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
