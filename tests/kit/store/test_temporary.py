"""A folder for the time of a block; what killed processes left behind does not stay for ever."""

import os
import time

import pytest

from datadevops.store import temporary

DAY = 86_400


def test_the_folder_is_gone_after_its_block(tmp_path):
    with temporary.folder(tmp_path / "store", ".try-") as made:
        (made / "file").write_text("text")

    assert list((tmp_path / "store").iterdir()) == []


@pytest.mark.parametrize(("seconds", "stays"), [(DAY - 60, True), (DAY + 60, False)])
def test_a_folder_left_behind_stays_for_a_day_as_its_process_may_be_at_work(tmp_path, seconds, stays):
    left, other = tmp_path / ".try-1", tmp_path / ".other"
    for each in (left, other):
        each.mkdir()
        os.utime(each, (time.time() - seconds,) * 2)

    with temporary.folder(tmp_path, ".try-"):
        assert (left.exists(), other.exists()) == (stays, True)
