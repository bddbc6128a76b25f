"""What a file is, by its first bytes: parquet, CSV, or something else that people deliver.

In:       a path.
Out:      whether it is parquet or CSV.
Failure:  DataError DQ001 (no such file), DQ002 (neither parquet nor CSV: what it is, and what to do).
"""

import re
from pathlib import Path

from ..errors import DataError

UNPACK = "unpack it first: `{} FILE`"
UTF_8 = "convert it: `iconv -f {} -t UTF-8 FILE > NEW.csv`, or have it saved in UTF-8 at its source"
TABLE = "have it delivered as parquet, or as CSV in UTF-8"
KINDS = {  # first bytes -> what it is, what to do
    rb"PARE": ("an encrypted parquet file", "have it delivered without encryption, or decrypt it first"),
    rb"\x1f\x8b": ("compressed (gzip)", UNPACK.format("gunzip")),
    rb"BZh[1-9]1AY": ("compressed (bzip2)", UNPACK.format("bunzip2")),
    rb"\xfd7zXZ": ("compressed (xz)", UNPACK.format("unxz")),
    rb"\x28\xb5\x2f\xfd": ("compressed (zstd)", UNPACK.format("unzstd")),
    rb"\x04\x22\x4d\x18": ("compressed (lz4)", UNPACK.format("unlz4")),
    rb"PK(\x03\x04|\x05\x06)": (
        "a zip archive or an Excel workbook",
        "unpack it, or save the sheet as CSV in UTF-8",
    ),
    rb"\xd0\xcf\x11\xe0": ("an Excel workbook", "save the sheet as CSV in UTF-8"),
    rb"\xff\xfe\0\0|\0\0\xfe\xff": ("text in UTF-32", UTF_8.format("UTF-32")),
    rb"\xff\xfe|\xfe\xff": ("text in UTF-16", UTF_8.format("UTF-16")),
    rb"ARROW1|FEA1|\xff{4}": ("an Arrow or Feather file", TABLE),
    rb"ORC": ("an ORC file", TABLE),
    rb"Obj\x01": ("an Avro file", TABLE),
    rb"SQLite format 3": ("an SQLite database", TABLE),
    rb".{8}DUCK": ("a DuckDB database", TABLE),
    rb"\x89HDF": ("an HDF5 file", TABLE),
    rb"\x80[\x02-\x05]": ("a Python pickle", TABLE),
    rb"%PDF": ("a PDF document", TABLE),
    rb"\s*(<!doctype|<html|<\?xml)": ("a web page or XML, perhaps an error page of a server", TABLE),
    rb"\s*\{": ("JSON", TABLE),
    rb"version https://git-lfs": ("a pointer of Git LFS", "fetch the file itself: `git lfs pull`"),
}


def is_parquet(path: Path) -> bool:
    """Whether the file is parquet; else it is CSV. Raises DataError if it is neither."""
    if path.is_dir():
        raise DataError(
            "DQ001", f"{path} is a folder{_parts(path)}", "name one file; Spark writes one by coalesce(1)"
        )
    try:
        path.stat()  # not `exists`: newer Pythons say no of what they may not read
    except (FileNotFoundError, NotADirectoryError):
        hint = "name a file that exists" if path.is_absolute() else f"name one from {Path.cwd()} on"
        raise DataError("DQ001", f"{path}: there is no such file", hint) from None
    if not path.is_file():  # a pipe can be read only once
        raise DataError("DQ001", f"{path} is no file but a pipe or a device", "write it to a file first")
    if any("\ud800" <= sign <= "\udfff" for sign in str(path)):
        raise DataError("DQ002", f"{str(path)!a}: its name is not UTF-8", "give it another")
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(b"PAR1"):
        return True
    if not head:
        raise DataError(
            "DQ002", f"{path} is empty, it has no bytes", "have the file made again at its source"
        )
    for start, (kind, remedy) in KINDS.items():
        if re.match(start, head, re.DOTALL | re.IGNORECASE):
            raise DataError("DQ002", f"{path} is neither parquet nor CSV: it is {kind}", remedy)
    if b"\0" in head:
        hint = UTF_8.format("UTF-16")
        raise DataError("DQ002", f"{path} is neither parquet nor CSV in UTF-8: it has zero bytes", hint)
    if path.suffix.lower() != ".csv":
        hint = "give a parquet or a CSV file; if it is CSV, let its name end in .csv"
        raise DataError("DQ002", f"{path} is neither parquet nor .csv", hint)
    return False


def _parts(folder: Path) -> str:
    """How many data files there are in a folder, and one of them."""
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".parquet", ".csv"))
    if not found:
        return ""
    return f" with {len(found):,} data file{'s' * (len(found) != 1)}, such as {found[0].relative_to(folder)}"
