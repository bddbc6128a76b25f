"""A version is made from the bytes whose hash it carries, or not at all."""

import os
import re
import shutil
from dataclasses import replace

import pytest

from datadevops.contract import odcs
from datadevops.errors import DataError
from datadevops.job import Delivered
from datadevops.steps import check


def replaced(path, other):
    shutil.copy(other, path.with_name("new"))
    path.with_name("new").rename(path)  # as mv does


def appended_to(path, other):
    with path.open("ab") as file:
        file.write(b"\n")


CHANGES = {
    "replaced": replaced,
    "written again": lambda path, other: shutil.copyfile(other, path),
    "appended to": appended_to,
    "cut off": lambda path, other: os.truncate(path, 100),
    "deleted": lambda path, other: path.unlink(),
}


@pytest.mark.parametrize("name", ["source.parquet", "source.csv"])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_source_that_changes_while_it_is_checked_leaves_no_version(
    judging, engine, job, forecast, sample, tmp_path, change, name
):
    source, path = odcs.load(forecast.contracts / "sources" / "source.yaml"), tmp_path / name
    engine.read("sample", sample)
    engine.rows(f"copy (from sample limit 100) to '{path}'")
    mine = replace(
        job(judging, source=source),
        sources={"source": Delivered(path, str(path))},
        progress=lambda _: change(path, sample),
    )

    with pytest.raises(
        DataError, match=rf"DQ009.*{re.escape(str(path))} was replaced, changed or deleted"
    ) as error:
        check(mine)

    assert error.value.exit_code == 2
    assert mine.store("source").versions() == []
