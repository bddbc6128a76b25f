"""A version is made once, never changes, and is complete or absent, whichever process is killed."""

import errno
import json
import os
import random
import shutil
import time
from pathlib import Path

import pytest

from datadevops.errors import StoreError
from datadevops.store.versions import Shared, Store


def written(text):
    """A function that writes a version of one file with this text."""

    def write(folder):
        (folder / "model.txt").write_text(text, encoding="utf-8")
        return {"text": text}

    return write


def test_a_version_has_its_files_inputs_and_facts(store):
    version = store.make({"a": 1}, written("one"))

    assert version.file("model.txt").read_text(encoding="utf-8") == "one"
    assert (version.inputs, version.facts) == ({"a": 1}, {"text": "one"})
    assert store.open(version.id) == version


def test_other_users_of_the_machine_can_read_a_version_and_not_change_it(store):
    version = store.make({"a": 1}, written("one"))

    assert version.folder.stat().st_mode & 0o777 == 0o755


def test_keys_of_facts_may_be_numbers(store):
    version = store.make({"a": 1}, lambda folder: {10: "rows", 9: "rows"})

    assert version.facts == {"10": "rows", "9": "rows"}


def test_the_same_inputs_have_the_same_name_in_another_folder_and_in_another_process(
    store, tmp_path, process
):
    here = store.make({"made": "slowly"}, written("one"))
    there = Store(tmp_path / "elsewhere").make({"made": "slowly"}, written("two"))
    printed, _ = process("make", tmp_path / "far").communicate()

    assert there.id == here.id
    assert printed.splitlines()[-1] == f"made {here.id}"


def test_the_order_of_the_inputs_does_not_matter_and_each_of_them_does(store):
    first = store.make({"a": 1, "b": 2}, written("one"))

    assert store.make({"b": 2, "a": 1}, written("two")).id == first.id
    assert store.make({"a": 1, "b": 3}, written("three")).id != first.id


def test_the_same_version_is_made_once(store):
    store.make({"a": 1}, written("one"))

    def never(folder):
        raise AssertionError("made again")

    assert store.make({"a": 1}, never).facts == {"text": "one"}


def test_versions_are_listed_newest_first(store):
    made = [store.make({"a": number}, written("x")) for number in range(3)]
    for age, version in enumerate(reversed(made)):
        os.utime(version.folder, (1e9 - age, 1e9 - age))

    assert store.versions() == [version.id for version in reversed(made)]


def test_a_writer_that_fails_leaves_nothing(store):
    def half(folder):
        (folder / "model.txt").write_text("half", encoding="utf-8")
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="the disk is full"):
        store.make({"a": 1}, half)

    assert [path.name for path in store.root.iterdir() if path.is_dir()] == []
    assert store.make({"a": 1}, written("whole")).facts == {"text": "whole"}


@pytest.mark.parametrize("seed", range(4))
def test_a_killed_writer_leaves_no_version_and_the_next_one_cleans_up(store, process, seed):
    writer = process("make")
    writer.stdout.readline()
    time.sleep(random.Random(seed).uniform(0, 0.15))

    writer.kill()
    writer.wait()

    assert store.versions() == []
    assert len(list(store.root.glob(".making-*"))) == 1
    assert store.make({"a": 1}, written("one")).facts == {"text": "one"}
    assert list(store.root.glob(".making-*")) == []


def test_two_processes_that_make_the_same_version_do_the_work_once(store, process):
    printed = [each.communicate()[0].splitlines() for each in (process("make"), process("make"))]

    assert sorted(len(lines) for lines in printed) == [1, 21]
    assert printed[0][-1] == printed[1][-1] == f"made {store.versions()[0]}"


def test_a_reader_never_sees_an_incomplete_version(store, process):
    maker = process("promote")
    maker.stdout.readline()
    seen = set()

    while len(seen) < 25 and maker.poll() is None:
        for version in map(store.open, store.versions()):
            number = version.facts["number"]
            assert version.file("number.txt").read_text(encoding="utf-8") == str(number) * 1000
            seen.add(version.id)

    assert len(seen) >= 25


DAMAGES = {
    "a changed byte": ("model.txt", lambda text: text.replace("one", "onf")),
    "a byte more": ("model.txt", lambda text: text + " "),
    "an empty file": ("model.txt", lambda text: ""),
    "other inputs": ("manifest.json", lambda text: text.replace('"a": 1', '"a": 2')),
    "another hash": ("manifest.json", lambda text: text.replace('"model.txt": "', '"model.txt": "0')),
    "other facts": ("manifest.json", lambda text: text.replace('"text": "one"', '"text": "two"')),
    "half a manifest": ("manifest.json", lambda text: text[: len(text) // 2]),
    "no mapping": ("manifest.json", lambda text: "[]"),
    "no manifest": ("manifest.json", None),
    "a missing file": ("model.txt", None),
}


@pytest.mark.parametrize("quick", [False, True])
@pytest.mark.parametrize(("name", "damage"), DAMAGES.values(), ids=DAMAGES)
def test_a_version_whose_files_have_changed_is_refused(store, name, damage, quick):
    version = store.make({"a": 1}, written("one"))
    text = version.file(name).read_text(encoding="utf-8")
    if damage is None:
        version.file(name).unlink()
    else:
        assert damage(text) != text
        version.file(name).write_text(damage(text), encoding="utf-8")
        os.utime(version.file(name))  # the clock of a disk is coarse

    with pytest.raises(StoreError, match=rf"ST002.*{version.id} is damaged"):
        Store(store.root, quick).open(version.id)


def test_a_damaged_version_is_not_silently_made_again(store):
    version = store.make({"a": 1}, written("one"))
    version.file("model.txt").write_text("two", encoding="utf-8")

    with pytest.raises(StoreError, match=r"(?s)ST002.*delete this folder and run again"):
        store.make({"a": 1}, written("one"))


@pytest.mark.parametrize(
    "name", ["../models", "/etc", "", ".", "0123456789abc", "0123456789AB", "0123456789a\n"]
)
def test_an_invalid_version_name_is_refused(store, name):
    store.make({"a": 1}, written("one"))
    for folder in ("0123456789abc", "0123456789AB"):
        (store.root / folder).mkdir()

    with pytest.raises(StoreError) as error:
        store.open(name)

    assert error.value.id == "ST001"
    assert f"models has no version {name!r}" in str(error.value)


def test_for_a_misspelt_version_the_nearest_is_suggested(store):
    known = store.make({"a": 1}, written("one")).id

    with pytest.raises(StoreError, match=f"did you mean '{known}'"):
        store.open(known[:-1])


def test_a_version_without_read_permission_is_not_called_damaged(store, monkeypatch):
    version = store.make({"a": 1}, lambda folder: {})

    def closed(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(type(store.root), "read_bytes", closed)

    with pytest.raises(PermissionError):
        store.open(version.id)


def test_only_those_who_ask_for_all_hashes_notice_what_a_disk_changes_by_itself(store):
    version = store.make({"a": 1}, written("one"))
    file = version.file("model.txt")
    at = file.stat()
    file.write_text("onf", encoding="utf-8")
    os.utime(file, ns=(at.st_atime_ns, at.st_mtime_ns))

    assert Store(store.root, quick=True).open(version.id).id == version.id
    with pytest.raises(StoreError, match="ST002"):
        store.open(version.id)


def test_a_copy_of_a_store_is_read_once_and_then_known(store, tmp_path):
    version = store.make({"a": 1}, written("one"))
    copy = Store(Path(shutil.copytree(store.root, tmp_path / "copy")), quick=True)
    file = copy.root / version.id / "model.txt"
    recorded = file.with_name(".hashed.json").read_text()

    copy.open(version.id)
    again = file.with_name(".hashed.json").read_text()

    assert file.parent.stat().st_mtime_ns == version.folder.stat().st_mtime_ns
    assert again != recorded
    assert json.loads(again)["model.txt"][0] == file.stat().st_ino


def test_a_damaged_copy_of_a_store_is_refused(store, tmp_path):
    version = store.make({"a": 1}, written("one"))
    copy = Store(Path(shutil.copytree(store.root, tmp_path / "copy")), quick=True)
    (copy.root / version.id / "model.txt").write_text("onf", encoding="utf-8")

    for _ in range(2):
        with pytest.raises(StoreError, match="ST002"):
            copy.open(version.id)


def parts(*texts):
    """A function that writes a version of one file for each text, in a folder."""

    def write(folder):
        (folder / "parts").mkdir(exist_ok=True)
        for text in texts:
            (folder / "parts" / f"{text}.txt").write_text(text, encoding="utf-8")
        return {}

    return write


def test_the_files_in_a_folder_of_a_version_are_verified_too(store):
    version = store.make({"a": 1}, parts("one", "two"))
    version.file("parts/two.txt").write_text("three", encoding="utf-8")

    assert list(version.files) == ["parts/one.txt", "parts/two.txt"]
    with pytest.raises(StoreError, match="ST002"):
        store.open(version.id)


@pytest.mark.parametrize("linked", [True, False])
def test_a_file_of_another_version_takes_no_room_where_the_disk_has_links(store, monkeypatch, linked):
    if not linked:

        def refused(*_):
            raise OSError(errno.EPERM, "Operation not permitted")

        monkeypatch.setattr(os, "link", refused)
    first = store.make({"a": 1}, parts("one", "two"))

    second = store.make({"a": 2}, parts("three"), Shared(first, ["parts/one.txt"]))

    assert second.file("parts/one.txt").samefile(first.file("parts/one.txt")) == linked
    assert sorted(store.open(second.id).files) == ["parts/one.txt", "parts/three.txt"]
    assert second.files["parts/one.txt"] == first.files["parts/one.txt"]


@pytest.mark.parametrize("linked", [True, False])
def test_a_damaged_file_of_another_version_is_not_taken(store, monkeypatch, linked):
    def refused(*_):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    first = store.make({"a": 1}, parts("one"))
    first.file("parts/one.txt").write_text("one more", encoding="utf-8")
    if not linked:
        monkeypatch.setattr(os, "link", refused)

    with pytest.raises(StoreError, match=f"ST002.*{first.id} is damaged"):
        store.make({"a": 2}, parts(), Shared(first, ["parts/one.txt"]))
