"""Files that a command reads and writes, on this machine or in an object store.

In:       a path or an address; the contract, which names one if the user does not.
Out:      a local path, for as long as it is needed.
Failure:  DataError DQ001 (no such file or folder), DQ002 (a file that cannot be read, or cannot be
          written there), DQ003, DQ004 (with the name of the file).
"""

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..contract.values import Contract
from ..errors import DataError, nearest
from ..product import Product, Settings
from ..store import objects, temporary

if TYPE_CHECKING:
    from ..engine.start import Engine
    from ..job import Delivered


def place_of(file: str | None, contract: Contract, home: Path) -> str:
    """Where `file` is stored, else the file that the contract names: a whole path or an address."""
    if file is not None:
        return whole(file)
    if not contract.location:
        hint = "add `servers` with a path or location to it, or name the file"
        raise DataError("DQ001", f"{contract.path} does not say where its file is stored", hint)
    return whole(contract.location, home)


def whole(file: str, home: Path = Path()) -> str:
    """An address as it stands, a path from / on."""
    if file == "":  # as from a shell variable that is not set
        raise DataError("DQ001", "the name of the file is empty", "name a file")
    return file if objects.is_address(file) else os.path.abspath(home / file)


def by_table(given: Sequence[str], tables: Collection[str]) -> dict[str, str]:
    """The files that a user gives as TABLE=FILE, by table; where there is one table, FILE alone is enough."""
    found: dict[str, str] = {}
    for each in given:
        table, equals, file = each.partition("=")
        if table not in tables or not equals:
            if len(tables) > 1 or (equals and re.fullmatch(r"\w+", table) and not Path(each).exists()):
                hint = nearest(table, tables) if equals else f"write TABLE={each}: {', '.join(tables)}"
                raise DataError("DQ001", f"{each} does not say which table it is for", hint)
            (table,), file = tables, each
        if table in found:
            raise DataError("DQ001", f"{table} is given twice: {found[table]} and {file}", "give one file")
        found[table] = file
    return found


@contextmanager
def all_delivered(
    files: Mapping[str, str], contracts: Mapping[str, Contract], settings: Settings
) -> Iterator[dict[str, "Delivered"]]:
    """The file of each source: that of `files`, else what is stored where the contract says, if anything."""
    with ExitStack() as stack:
        yield {
            table: stack.enter_context(fetched(files.get(table), contract, settings, table in files))
            for table, contract in contracts.items()
        }


@contextmanager
def delivered(file: str | None, contract: Contract, settings: Settings) -> Iterator["Delivered"]:
    """`file`, else the contract's; errors about its columns or rows get its name."""
    from ..engine.blame import named  # loads 20 MB

    with fetched(file, contract, settings) as given, named(given.path, given.name):
        yield given


@contextmanager
def fetched(
    file: str | None, contract: Contract, settings: Settings, required: bool = True
) -> Iterator["Delivered"]:
    """`file`, else the contract's; one in an object store is fetched for as long as needed. One that is not
    `required` may be absent."""
    place = place_of(file, contract, settings.home)
    with stored(place, file or place, settings, required) as found:
        yield found


@contextmanager
def stored(place: str, shown: str, settings: Settings, required: bool = True) -> Iterator["Delivered"]:
    """The file at `place`, by the name `shown`; one in an object store is fetched for as long as needed."""
    from ..job import Delivered  # it loads the engine

    if not objects.is_address(place):
        yield Delivered(path := Path(shown), place, required or is_there(path))
        return
    with temporary.folder(settings.store, ".fetched-") as folder:
        try:
            found = Delivered(objects.fetch(place, folder), place)
        except objects.AbsentError:
            if required:
                raise
            found = Delivered(Path(place), place, there=False)
        yield found


def is_there(path: Path) -> bool:
    """Whether there is anything of that name; also if nobody may look, which reading it says."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


@contextmanager
def database(product: Product, settings: Settings) -> Iterator["Engine"]:
    """The engine that the settings name."""
    from ..engine.start import start  # loads 20 MB, which a server does not need

    with start(settings.engine, settings.memory_limit, product.folder, product.command) as engine:
        yield engine


def in_folder(out: Path) -> Path:
    """`out`, if its folder exists and it is not a folder itself."""
    if not out.parent.is_dir():
        raise DataError("DQ001", f"{out.parent}: there is no such folder", "create it first")
    if out.is_dir():
        raise DataError("DQ002", f"{out} is a folder", "name a file; it is created, or appended to")
    return out


def writable(out: Path) -> Path:
    """`out`, if a parquet file can be written there."""
    if in_folder(out).suffix != ".parquet":
        hint = f"name it {out.with_suffix('.parquet')}"
        raise DataError("DQ002", f"{out}: only parquet files can be written", hint)
    return out


def replace_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_text(text, encoding="utf-8", newline="\n")
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
