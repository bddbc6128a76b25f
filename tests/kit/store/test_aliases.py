"""An alias stands for one whole version, a rollback goes back one step, and the log survives a kill."""

import json
import random
import shutil
import time
from datetime import UTC, datetime
from threading import Thread

import pytest

from datadevops.errors import StoreError
from datadevops.store import aliases

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def a_b_c(store):
    """Three versions, promoted one after the other."""

    def write(folder):
        (folder / "model.txt").write_text("x", encoding="utf-8")
        return {}

    made = [store.make({"name": name}, write).id for name in "abc"]
    for version in made:
        aliases.promote(store, version, "champion", "passed the gate", NOON)
    return made


def champion(store):
    return aliases.require(store, "champion").id


def test_an_alias_stands_for_the_last_promoted_version(store, a_b_c):
    assert champion(store) == a_b_c[2]
    assert [event["version"] for event in aliases.stack(store, "champion")] == a_b_c
    assert aliases.current(store, "challenger") is None


def test_an_alias_that_is_not_set_is_an_error_that_says_how_to_set_it(store):
    with pytest.raises(StoreError, match=r"(?s)ST004.*there is no champion version yet.*run` makes one"):
        aliases.require(store, "champion")


def test_the_newest_versions_stay_and_those_last_in_use_however_old(store, a_b_c):
    for _ in range(2):
        aliases.rollback(store, "champion", "storm", NOON)
    made = [store.make({"name": name}, lambda _: {}).id for name in "defg"]
    aliases.promote(store, made[0], "challenger", "did not pass the gate", NOON)

    kept = aliases.retain(store, 2)

    assert kept == {a_b_c[0], made[0], *made[2:]} == {*store.versions()}
    assert (champion(store), aliases.require(store, "challenger").id) == (a_b_c[0], made[0])


def test_the_previous_champion_stays_for_a_rollback(store, a_b_c):
    for name in "defg":
        store.make({"name": name}, lambda _: {})

    aliases.retain(store, 2)
    aliases.rollback(store, "champion", "storm", NOON)

    assert champion(store) == a_b_c[1]


def test_a_link_to_a_file_of_a_version_keeps_that_version(store, a_b_c):
    (store.root / "pinned.json").symlink_to(f"{a_b_c[0]}/manifest.json")
    (store.root / "elsewhere").symlink_to("/")

    aliases.retain(store, 1)

    assert {*store.versions()} == {a_b_c[0], a_b_c[2]}


def test_a_folder_that_is_not_a_version_stays(store, a_b_c):
    (store.root / "backup").mkdir()

    aliases.retain(store, 1)

    assert (store.root / "backup").is_dir()
    assert store.versions() == a_b_c[2:]


SPOILT = {
    "no JSON": lambda lines: [*lines, "{broken"],
    "another object": lambda lines: [*lines, "{}"],
    "no hash": lambda lines: [*lines[:-1], lines[-1].replace("manifest_sha256", "sha256")],
    "a promotion taken out": lambda lines: lines[1:],
    "a line in the middle taken out": lambda lines: [lines[0], *lines[2:]],
    "only rollbacks": lambda lines: lines[3:],
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_an_edited_log_is_damaged_and_nothing_is_guessed(store, a_b_c, spoil):
    for _ in range(2):
        aliases.rollback(store, "champion", "storm", NOON)
    log = store.root / aliases.LOG
    log.write_text("\n".join([*spoil(log.read_text().splitlines()), ""]))

    with pytest.raises(StoreError, match=r"ST005.*log\.jsonl is damaged"):
        champion(store)


def test_an_unknown_version_is_not_promoted(store, a_b_c):
    with pytest.raises(StoreError, match="ST001"):
        aliases.promote(store, "0" * 12, "champion", "by hand", NOON)

    assert champion(store) == a_b_c[2]


def test_the_version_in_use_is_not_promoted_twice(store, a_b_c):
    aliases.promote(store, a_b_c[2], "champion", "again", NOON)

    assert aliases.rollback(store, "champion", "storm", NOON).id == a_b_c[1]


def test_a_second_rollback_goes_back_further_and_never_toggles(store, a_b_c):
    walked = [aliases.rollback(store, "champion", "storm", NOON).id for _ in range(2)]

    assert walked == [a_b_c[1], a_b_c[0]]
    assert champion(store) == a_b_c[0]


def test_before_the_first_there_is_nothing_to_roll_back_to(store, a_b_c):
    for _ in range(2):
        aliases.rollback(store, "champion", "storm", NOON)

    with pytest.raises(StoreError, match=r"(?s)ST003.*no champion version before this.*promote one by hand"):
        aliases.rollback(store, "champion", "storm", NOON)

    assert champion(store) == a_b_c[0]


def test_the_target_of_a_rollback_does_not_count_as_rolled_back(store, a_b_c):
    aliases.promote(store, a_b_c[0], "champion", "again", NOON)
    for _ in range(3):
        aliases.rollback(store, "champion", "storm", NOON)

    assert champion(store) == a_b_c[0]
    assert aliases.rolled_back(store, "champion") == set(a_b_c[1:])


def test_a_version_counts_as_rolled_back_until_it_is_promoted_again(store, a_b_c):
    aliases.rollback(store, "champion", "storm", NOON)
    aliases.rollback(store, "champion", "storm", NOON)
    assert aliases.rolled_back(store, "champion") == {a_b_c[1], a_b_c[2]}

    aliases.promote(store, a_b_c[2], "champion", "by hand", NOON)

    assert aliases.rolled_back(store, "champion") == {a_b_c[1]}
    assert aliases.rollback(store, "champion", "storm", NOON).id == a_b_c[0]


def test_aliases_do_not_touch_each_other(store, a_b_c):
    aliases.promote(store, a_b_c[0], "challenger", "did not pass", NOON)
    aliases.rollback(store, "champion", "storm", NOON)

    assert aliases.require(store, "challenger").id == a_b_c[0]
    assert aliases.rolled_back(store, "challenger") == set()


def test_the_log_says_which_version_was_promoted_when_and_why(store, a_b_c):
    first = json.loads((store.root / "log.jsonl").read_text(encoding="utf-8").splitlines()[0])

    assert (first["action"], first["alias"], first["version"]) == ("promote", "champion", a_b_c[0])
    assert (first["at"], first["why"]) == ("2026-01-01T12:00:00+00:00", "passed the gate")


@pytest.mark.parametrize("torn", [b"{", b'{"alias": "champion", "action": "promote"', b"\xe2\x82"])
def test_a_line_cut_off_by_a_crash_does_not_count_and_is_removed(store, a_b_c, torn):
    log = store.root / "log.jsonl"
    whole = log.read_bytes()
    log.write_bytes(whole + torn)
    assert champion(store) == a_b_c[2]

    aliases.rollback(store, "champion", "storm", NOON)

    assert champion(store) == a_b_c[1]
    assert log.read_bytes().startswith(whole + b"{")
    assert [json.loads(line)["action"] for line in log.read_bytes().splitlines()] == ["promote"] * 3 + [
        "rollback"
    ]


def test_a_version_made_again_with_other_content_has_to_be_promoted_again(store, a_b_c):
    inputs = store.open(a_b_c[2]).inputs
    shutil.rmtree(store.root / a_b_c[2])
    store.make(inputs, lambda folder: {"trained_at": "later"})

    with pytest.raises(StoreError, match=rf"ST002.*{a_b_c[2]}"):
        aliases.current(store, "champion")

    aliases.promote(store, a_b_c[2], "champion", "trained again", NOON)
    assert champion(store) == a_b_c[2]


def test_a_rollback_to_a_damaged_version_is_refused(store, a_b_c):
    (store.root / a_b_c[1] / "model.txt").write_text("y", encoding="utf-8")

    with pytest.raises(StoreError, match=rf"ST002.*{a_b_c[1]} is damaged"):
        aliases.rollback(store, "champion", "storm", NOON)

    assert champion(store) == a_b_c[2]


CHANGES = {
    "promotion": lambda store, first: aliases.promote(store, first, "champion", "by hand", NOON),
    "rollback": lambda store, first: aliases.rollback(store, "champion", "storm", NOON),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_waits_while_another_process_changes_the_store(store, a_b_c, change):
    waiting = Thread(target=change, args=(store, a_b_c[0]))

    with store.locked():
        waiting.start()
        waiting.join(0.2)
        assert champion(store) == a_b_c[2]
    waiting.join()

    assert champion(store) != a_b_c[2]


def test_killed_promoters_leave_a_readable_log_that_has_every_promotion(store, process):
    chance, printed = random.Random(0), set()
    for _ in range(4):
        storm = [process("promote"), process("promote")]
        printed |= {each.stdout.readline() for each in storm}
        time.sleep(chance.uniform(0, 0.2))
        for each in storm:
            each.kill()
            printed |= {
                line for line in each.communicate()[0].splitlines(keepends=True) if line.endswith("\n")
            }

        lines = (store.root / "log.jsonl").read_bytes().split(b"\n")[:-1]
        promoted = {event["version"] for event in map(json.loads, lines) if event["action"] == "promote"}
        assert champion(store) in promoted
        assert {line.split()[1] for line in printed} <= promoted


def test_a_reader_sees_a_whole_champion_while_another_process_promotes(store, process):
    promoter = process("promote")
    promoter.stdout.readline()
    seen = set()

    while len(seen) < 5 and promoter.poll() is None:
        version = aliases.require(store, "champion")
        assert version.file("number.txt").exists()
        seen.add(version.id)

    assert len(seen) == 5
