"""The last release is read from the tags of git; where they cannot be known, the check is not run."""

import pytest

from datadevops.contract import released
from datadevops.errors import ContractError, NotRunError


@pytest.fixture
def repository(tmp_path, git):
    """repository(tags, inside=""): a product with a commit for each tag, and one more."""

    def make(*tags, inside=""):
        top = tmp_path / "product"
        home = top / inside
        home.mkdir(parents=True)
        git(top, "init", "-q", "-b", "main")
        for number, tag in enumerate([*tags, ""]):
            (home / "orders.yaml").write_text(f"number: {number}\n", encoding="utf-8")
            git(top, "add", "--all")
            git(top, "commit", "-q", "-m", "a change")
            if tag:
                git(top, "tag", tag)
        return home

    return make


TAGS = {
    "candidates": (["v1.0.0-rc1", "v1.0.0"], "v1.0.0"),
    "a candidate of the next": (["v1.0.0", "v1.1.0-rc.1", "v1.1.0rc2"], "v1.0.0"),
    "candidates only": (["v1.0.0-rc1", "v1.0.0-beta.2"], ""),
    "versions, not text": (["v1.9.0", "v1.10.0", "v1.2.0"], "v1.10.0"),
    "more digits": (["v2026.9.1", "v2026.11.29"], "v2026.11.29"),
    "with what it was built from": (["v1.0.0+build.5", "v0.9.0"], "v1.0.0+build.5"),
    "other tags": (["nightly", "v1.0.0", "vendor-2", "v2"], "v2"),
    "none": ([], ""),
}


@pytest.mark.parametrize(("tags", "last"), TAGS.values(), ids=TAGS)
def test_the_last_release_is_the_highest_version_that_is_no_candidate(repository, tags, last):
    home = repository(*tags)

    assert released.last_release(home, home) == last


@pytest.mark.parametrize(
    ("edited", "last"), [("orders.yaml", "v1.1.0"), ("new.yaml", "v1.1.0"), ("../notes.md", "v1.0.0")]
)
def test_a_release_of_this_commit_counts_for_contracts_that_are_edited_since(repository, git, edited, last):
    home = repository("v1.0.0", inside="contracts")
    git(home, "tag", "v1.1.0")
    assert released.last_release(home, home) == "v1.0.0"

    (home / edited).write_text("number: 7\n", encoding="utf-8")

    assert released.last_release(home, home) == last


def test_a_product_in_a_folder_of_a_repository_finds_its_releases(repository, monkeypatch):
    home = repository("v1.0.0", inside="products/[a] shop")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")  # as git sets it for the hooks of a commit
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(home.parent))

    assert released.last_release(home, home) == "v1.0.0"
    with pytest.raises(ContractError):  # it was there, and is no contract
        released.contract_at("v1.0.0", home / "orders.yaml", home)
    assert released.contract_at("v1.0.0", home / "new.yaml", home) is None


def without_tags(git, source, clone):
    git(source, "clone", "-q", "--no-tags", f"file://{source}", str(clone))


def tags_deleted(git, source, clone):
    git(source, "clone", "-q", str(source), str(clone))
    git(clone, "tag", "-d", "v1.0.0", "v1.1.0")


def without_an_origin_to_ask(git, source, clone):
    without_tags(git, source, clone)
    git(clone, "remote", "set-url", "origin", "/nowhere")


def shallow(git, source, clone):
    git(source, "clone", "-q", "--depth", "1", f"file://{source}", str(clone))


CLONES = {
    without_tags: "origin has 2, the newest v1.1.0",
    tags_deleted: "origin has 2, the newest v1.1.0",
    without_an_origin_to_ask: "origin may have some, and cannot be asked",
    shallow: "this clone is shallow",
}


@pytest.mark.parametrize(("made", "reason"), CLONES.items(), ids=lambda each: getattr(each, "__name__", ""))
def test_a_clone_that_does_not_know_its_releases_is_not_run(repository, git, tmp_path, made, reason):
    made(git, repository("v1.0.0", "v1.1.0"), tmp_path / "clone")

    with pytest.raises(NotRunError, match=f"NOT RUN: .*{reason}") as raised:
        released.last_release(tmp_path / "clone", tmp_path / "clone")

    assert raised.value.id == "CT011"
    assert "--tags" in raised.value.hint


@pytest.mark.parametrize("tags", [[], ["v1.0.0-rc1"]], ids=["no tag", "a candidate"])
def test_a_clone_of_what_was_never_released_has_no_release(repository, git, tmp_path, tags):
    without_tags(git, repository(*tags), tmp_path / "clone")

    assert released.last_release(tmp_path / "clone", tmp_path / "clone") == ""


def test_a_whole_clone_whose_origin_cannot_be_asked_again_has_the_releases_it_knows(
    repository, git, tmp_path
):
    """As in a pipeline that keeps no password after the checkout."""
    git(repository(), "clone", "-q", ".", str(tmp_path / "clone"))
    git(tmp_path / "clone", "remote", "set-url", "origin", "/nowhere")

    assert released.last_release(tmp_path / "clone", tmp_path / "clone") == ""
