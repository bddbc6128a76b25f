"""A copy of the store: what is done in it stays in it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from datadevops.store import aliases
from datadevops.store.copied import copied
from datadevops.store.versions import Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(params=["store", "0123456789ab/store"], ids=["plain", "in a folder named as a version"])
def root(request, tmp_path):
    """A store with two versions of a model; the first is champion."""
    models = Store(tmp_path / request.param / "models")
    for number in (1, 2):
        models.make({"number": number}, lambda folder: (folder / "model").write_text("model") and {})
    aliases.promote(models, models.versions()[-1], "champion", "first", NOW)
    return models.root.parent


def test_what_is_promoted_in_the_copy_is_not_promoted_in_the_store(root):
    newest, champion = Store(root / "models").versions()

    with copied(root) as copy:
        aliases.promote(Store(copy / "models"), newest, "champion", "tried", NOW)
        there = aliases.require(Store(copy / "models"), "champion").id

    assert (there, aliases.require(Store(root / "models"), "champion").id) == (newest, champion)


def test_the_files_of_versions_take_no_room_and_keep_their_order(root):
    names = Store(root / "models").versions()

    with copied(root) as copy:
        files = [Path("models", name, "model") for name in names]
        linked = [(copy / file).samefile(root / file) for file in files]
        there = Store(copy / "models").versions()

    assert (linked, there) == ([True, True], names)


def test_on_a_disk_without_links_files_are_copied_with_their_times(root, monkeypatch):
    def no_link(*_, **__):
        raise OSError

    monkeypatch.setattr("os.link", no_link)
    known = {name: Store(root / "models").open(name).made_at for name in Store(root / "models").versions()}

    with copied(root) as copy:
        models = Store(copy / "models", quick=True)
        there = {name: models.open(name).made_at for name in models.versions()}

    assert there == known


def test_the_copy_is_gone_afterwards_and_an_absent_store_stays_absent(root, tmp_path):
    with copied(root) as copy, copied(tmp_path / "none") as nothing:
        assert (copy.is_dir(), nothing.exists()) == (True, False)

    assert [path.name for path in root.iterdir() if path.name.startswith(".dry")] == []
    assert not (tmp_path / "none").exists()


def test_a_link_to_a_version_is_a_link_to_that_of_the_copy(root):
    (name, _) = Store(root / "models").versions()
    (root / "models" / "latest").symlink_to(name)

    with copied(root) as copy:
        link = copy / "models" / "latest"

        assert (link.is_symlink(), link.resolve()) == (True, (copy / "models" / name).resolve())
