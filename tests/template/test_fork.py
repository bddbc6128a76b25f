"""A fork for an organisation: its own tags reach its products, and our next version is merged into it."""

import itertools
import json
import re
import sys
from pathlib import Path

import pytest

import bake
import versions
import workshop
from declaration import ROOT

GUIDE = (ROOT / "docs" / "how-to" / "fork-for-an-organisation.md").read_text(encoding="utf-8")


# Of the product tree only the kit's number: no product is baked here.
TREE = rf"{bake.TREE}/(?!vendor/[^/]+/pyproject\.toml)"


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """Version 1.0.0, with the changelog that it had: this may be a fork's copy, with tags of its own."""
    ours = bake.copy_template(tmp_path / "ours", bake.REST, TREE, "CHANGELOG")
    (ours / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n\n## [1.0.0]\n\n- All.\n", "utf-8")
    bake.commit(ours, "a changelog")
    bake.git("tag", "--force", "v1.0.0", cwd=ours)
    return ours


@pytest.fixture
def fork(ours: Path, tmp_path: Path) -> Path:
    """A clone of ours with a file of its own, tagged by the guide."""
    bake.git("clone", "-q", ours, tmp_path / "fork", cwd=tmp_path)
    release(tmp_path / "fork", "POLICY.md", tag_command())
    return tmp_path / "fork"


def tag_command() -> str:
    check, tag, push = guide("**Run the checks**")
    assert check == "uvx --with tox-uv tox"
    assert push == f"git push origin {tag.split()[3]}"
    return tag


def guide(step: str) -> list[str]:
    return [line.strip() for line in versions.commands(step, GUIDE) if line.strip()]


def release(fork: Path, name: str, command: str) -> None:
    (fork / bake.TREE / name).write_text("The organisation's.\n")
    number = command.split()[3].removeprefix("v")
    heading = f"## [Unreleased]\n\n## [{number}]\n\n- {name}.\n"
    workshop.edit(fork / "CHANGELOG.md", "## [Unreleased]\n", heading)
    bake.commit(fork, f"add {name}")
    done = bake.run("bash", "-c", command, cwd=fork)
    assert done.returncode == 0, done.stderr


def test_products_see_each_tag_that_the_guide_names(fork: Path, tmp_path: Path) -> None:
    """Those that were baked from us too, once they name the fork."""
    command = tag_command()
    first = command.split()[3]
    product = tmp_path / "product"
    product.mkdir()
    later = re.findall(r"the next are\s+`(v\S+)` and `(v\S+)`", GUIDE)[0]

    assert [sees_an_update(product, fork, has) for has in (first, "v1.0.0")] == [False, True]
    for before, number in itertools.pairwise([first, *later]):
        release(fork, f"{number}.md", command.replace(first, number))
        assert sees_an_update(product, fork, before), number


def sees_an_update(product: Path, fork: Path, version: str) -> bool:
    """Of this version of the fork: what the weekly pipeline asks, see gate.py."""
    (product / ".copier-answers.yml").write_text(f"_src_path: {fork}\n_commit: {version}\n")
    bake.commit(product, f"it has {version}")
    words = ["-m", "copier", "check-update", "--output-format", "json"]
    done = bake.run(sys.executable, *words, cwd=product)
    assert done.returncode == 0, done.stderr
    return bool(json.loads(done.stdout)["update_available"])


OWN = {
    "datadevops.toml": "{profile}",
    "docs/on-call.md": "<!-- Template-owned: copier update merges your edits. -->\n# On call\n",
}
PLACES = {  # where the guide has a file listed: before which line
    "tools/file_sentences.yaml": ("product.odps.yaml: ", '{name}: "Our own."\n'),
    "tests/template/test_tree.py": ("docs/delivery.md\n", "{name}\n"),
    "README.md": ("  renovate.json\n", "  {name}"),  # at the top only
}
TOLD = ["test_readme.py", "test_surroundings.py", "test_tree.py"]  # that look at each file


@pytest.mark.long
def test_a_fork_has_no_red_test_for_files_that_it_lists_where_the_guide_says(tmp_path: Path) -> None:
    fork = bake.copy_template(tmp_path / "fork")
    (profile,) = re.findall(r"```toml\n(.*?)```", GUIDE.replace("\n   ", "\n"), re.DOTALL)
    for name, text in OWN.items():
        (fork / bake.TREE / name).write_text(text.format(profile=profile), encoding="utf-8")
        for place, (before, line) in PLACES.items():
            assert Path(place).name.removesuffix(".md") in GUIDE
            listed = name in (fork / place).read_text(encoding="utf-8")  # this may be such a fork
            if not listed and (place != "README.md" or "/" not in name):
                workshop.edit(fork / place, before, line.format(name=name) + before)
    bake.commit(fork, "ours", "v2026.12.0")

    tests = [f"tests/template/{each}" for each in TOLD]
    done = bake.run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, cwd=fork)

    assert done.returncode == 0, done.stdout


def test_our_next_version_is_merged_and_only_the_changelog_needs_a_hand(fork: Path, ours: Path) -> None:
    kit = ours / bake.TREE / "vendor/datadevops-kit/pyproject.toml"
    text = kit.read_text(encoding="utf-8")
    kit.write_text(re.sub(r'^version = ".*"', 'version = "1.1.0"', text, flags=re.M), encoding="utf-8")
    add, fetch, merge = guide("**Take our next version**")
    release(ours, "ANOTHER.md", f"git tag --annotate {merge.split()[-1]} --message Ours")

    script = [re.sub(r"https://\S+", str(ours), add), fetch, merge]
    merged = bake.run("bash", "-ec", "\n".join(script), cwd=fork)

    assert merged.returncode == 1, merged.stderr
    conflicts = bake.git("diff", "--name-only", "--diff-filter=U", cwd=fork).split()
    assert conflicts == ["CHANGELOG.md"]
    changelog = (fork / "CHANGELOG.md").read_text(encoding="utf-8")
    both = re.sub(r"^(<<<<<<<|=======|>>>>>>>).*\n", "", changelog, flags=re.M)
    (fork / "CHANGELOG.md").write_text(both, encoding="utf-8")
    bake.commit(fork, "merged")
    for number, name in {"v1.1.0": "ANOTHER.md", tag_command().split()[3]: "POLICY.md"}.items():
        notes = bake.run(".ci/notes", number, cwd=fork)
        assert notes.stdout.strip() == f"- {name}.", notes.stderr
