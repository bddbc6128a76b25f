"""What people deliver in place of a parquet or CSV file is called what it is, with what to do."""

import bz2
import gzip
import io
import lzma
import os
import sqlite3
import zipfile

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather, orc

from datadevops.errors import DataError

TEXT = "shop,quantity\nweb,1\n"
ROWS = pa.table({"shop": ["web"], "quantity": [1]})
FRAME = pl.DataFrame({"shop": ["web"], "quantity": [1]})


def written(write, *more):
    file = io.BytesIO()
    write(file, *more)
    return file.getvalue()


def zipped(file):
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("in.csv", TEXT)


def database():
    with sqlite3.connect(":memory:") as connection:
        connection.execute("create table t (shop)")
        return connection.serialize()


def compressed(codec):
    return pa.compress(TEXT.encode(), codec, asbytes=True)


CONTENTS = {  # what it is called, what to do
    "gzip": (gzip.compress(TEXT.encode()), "compressed (gzip)", "gunzip"),
    "bzip2": (bz2.compress(TEXT.encode()), "compressed (bzip2)", "bunzip2"),
    "xz": (lzma.compress(TEXT.encode()), "compressed (xz)", "unxz"),
    "zstd": (compressed("zstd"), "compressed (zstd)", "unzstd"),
    "lz4": (compressed("lz4"), "compressed (lz4)", "unlz4"),
    "zip": (written(zipped), "a zip archive or an Excel workbook", "unpack it"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook", "save the sheet as CSV in UTF-8"),
    "UTF-16": (TEXT.encode("utf-16"), "text in UTF-16", "iconv -f UTF-16"),
    "UTF-16 without a mark": (TEXT.encode("utf-16-le"), "zero bytes", "iconv -f UTF-16"),
    "UTF-32": (TEXT.encode("utf-32"), "text in UTF-32", "iconv -f UTF-32"),
    "encrypted parquet": (b"PARE" + bytes(100) + b"PARE", "an encrypted parquet file", "without encryption"),
    "Arrow": (written(FRAME.write_ipc), "an Arrow or Feather file", "delivered as parquet"),
    "Feather": (
        written(lambda file: feather.write_feather(ROWS, file)),
        "an Arrow or Feather file",
        "parquet",
    ),
    "ORC": (written(lambda file: orc.write_table(ROWS, file)), "an ORC file", "parquet"),
    "Avro": (written(FRAME.write_avro), "an Avro file", "parquet"),
    "SQLite": (database(), "an SQLite database", "parquet"),
    "a pickle": (written(pd.DataFrame({"a": [1]}).to_pickle), "a Python pickle", "parquet"),
    "JSON": (b'{"shop": "web"}\n', "JSON", "parquet"),
    "an error page": (b"<!DOCTYPE html><title>403</title>", "a web page or XML", "parquet"),
    "a pointer": (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS", "git lfs pull"),
    "nothing": (b"", "is empty", "made again"),
}


@pytest.mark.parametrize("name", ["in.csv", "in.parquet"])
@pytest.mark.parametrize(("content", "told", "remedy"), CONTENTS.values(), ids=CONTENTS)
def test_a_file_is_called_what_it_is(engine, tmp_path, content, told, remedy, name):
    (tmp_path / name).write_bytes(content)

    with pytest.raises(DataError) as error:
        engine.read("t", tmp_path / name)

    assert error.value.id == "DQ002"
    assert f"{tmp_path / name}" in error.value.message
    assert told in error.value.message
    assert remedy in error.value.hint


def test_a_csv_file_of_another_name_is_told_what_to_be_called(engine, tmp_path):
    (tmp_path / "in.txt").write_text(TEXT)

    with pytest.raises(DataError, match=r"DQ002.*in\.txt is neither parquet nor \.csv(?s:.*)end in \.csv"):
        engine.read("t", tmp_path / "in.txt")


def test_a_folder_is_told_from_a_file_with_what_is_in_it(engine, tmp_path):
    (tmp_path / "day=1").mkdir()
    for part in ("0", "1"):
        pq.write_table(ROWS, tmp_path / "day=1" / f"part-{part}.parquet")

    with pytest.raises(
        DataError, match=r"DQ001.* is a folder with 2 data files, such as day=1/part-0\.parquet"
    ):
        engine.read("t", tmp_path)


def test_a_pipe_is_told_from_a_file(engine, tmp_path):
    os.mkfifo(tmp_path / "in.csv")

    with pytest.raises(
        DataError, match=r"DQ001.*in\.csv is no file but a pipe(?s:.*)write it to a file first"
    ):
        engine.read("t", tmp_path / "in.csv")
