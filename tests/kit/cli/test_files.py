"""Which file a user means, whether it is there, and where a command may write."""

import pytest

from datadevops.cli import files
from datadevops.errors import DataError

TWO, ONE = ("shops", "areas"), ("shops",)
GIVEN = {
    "each by its table": (["areas=a.csv", "shops=s.csv"], TWO, {"areas": "a.csv", "shops": "s.csv"}),
    "one of two": (["areas=a.csv"], TWO, {"areas": "a.csv"}),
    "none": ([], TWO, {}),
    "alone for the only table": (["s.csv"], ONE, {"shops": "s.csv"}),
    "by the only table": (["shops=s.csv"], ONE, {"shops": "s.csv"}),
    "an address with a sign": (["s3://b/day=1/s.csv"], ONE, {"shops": "s3://b/day=1/s.csv"}),
    "an equals sign in its name": (["shops=day=1.csv"], TWO, {"shops": "day=1.csv"}),
    "a file that looks like another table": (["day=1.csv"], ONE, {"shops": "day=1.csv"}),
}


@pytest.mark.parametrize(("given", "tables", "found"), GIVEN.values(), ids=GIVEN)
def test_a_file_belongs_to_the_table_that_is_named_or_to_the_only_one(
    given, tables, found, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "day=1.csv").touch()

    assert files.by_table(given, tables) == found


UNCLEAR = {
    "no table of two": (["a.csv"], TWO, "a.csv does not say which table it is for(?s:.*)a.csv: shops, areas"),
    "a misspelt one": (["shosp=s.csv"], TWO, "shosp=s.csv does not say (?s:.*)did you mean 'shops'"),
    "a misspelt one of one": (["shosp=s.csv"], ONE, "shosp=s.csv does not say (?s:.*)did you mean 'shops'"),
    "the only one twice": (["s.csv", "shops=t.csv"], ONE, "shops is given twice: s.csv and t.csv"),
    "a table without a file": (["shops"], TWO, "shops does not say which table"),
}


@pytest.mark.parametrize(("given", "tables", "told"), UNCLEAR.values(), ids=UNCLEAR)
def test_what_may_mean_two_files_or_none_is_refused(given, tables, told):
    with pytest.raises(DataError, match=f"DQ001.*{told}"):
        files.by_table(given, tables)


def test_a_name_that_nobody_can_look_at_counts_as_there_so_that_reading_says_why(tmp_path):
    (tmp_path / "file").touch()

    found = [files.is_there(tmp_path / name) for name in ("file", "none", "file/below", "x" * 999)]

    assert found == [True, False, True, True]


OUT = {
    "another kind": ("out.csv", r"DQ002.*out\.csv: only parquet files(?s:.*)name it \S+/out\.parquet"),
    "a folder": ("folder.parquet", r"DQ002.*folder\.parquet is a folder"),
    "in no folder": ("none/out.parquet", r"DQ001.*none: there is no such folder"),
}


@pytest.mark.parametrize(("name", "told"), OUT.values(), ids=OUT)
def test_a_place_where_nothing_can_be_written_is_refused(tmp_path, name, told):
    (tmp_path / "folder.parquet").mkdir()

    with pytest.raises(DataError, match=told):
        files.writable(tmp_path / name)


def test_a_text_is_written_whole_into_folders_that_are_made_for_it(tmp_path):
    path = tmp_path / "docs" / "deep" / "card.md"

    for text in ("first\n", "second\n"):
        files.replace_text(path, text)

    assert path.read_bytes() == b"second\n"
    assert [each.name for each in path.parent.iterdir()] == ["card.md"]


def test_a_text_that_cannot_be_written_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "card.md"
    path.write_text("first\n")

    with pytest.raises(UnicodeEncodeError):
        files.replace_text(path, "half \ud800")

    assert path.read_text() == "first\n"
    assert [each.name for each in tmp_path.iterdir()] == ["card.md"]
