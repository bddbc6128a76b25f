# The template's file: edits here meet template updates (copier update merges them).
"""What every command shares: its options, the engine, how results are shown."""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from . import settings
from .kit import objects
from .kit.errors import DataError, ProductError
from .kit.store import Store

if TYPE_CHECKING:
    from .kit.engine import Engine

LEFT_SECONDS = 86_400.0  # after which nobody is still fetching
PLAIN: dict[str, Any] = {"no_args_is_help": True, "rich_markup_mode": None, "add_completion": False}

File = Annotated[str, typer.Argument(metavar="FILE", help="A parquet or CSV file, or its s3:// address.")]
Out = Annotated[Path, typer.Argument(metavar="OUT", help="The parquet file to write.")]
Source = Annotated[str | None, typer.Option(help="Another file or s3:// address than the contract names.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a script.")]
Why = Annotated[str, typer.Option(help="For the log.")]


@contextmanager
def database() -> Iterator["Engine"]:
    from .kit.engine import start  # 20 MB that a server does without

    here = settings.read(os.environ)
    with start(here.engine, here.memory_limit, settings.PACKAGE) as engine:
        yield engine


def origin(source: str | None) -> str:
    """Where the file `source` lies, else the contract's: a whole path or an address."""
    if source == "":  # as a variable of the shell that is not set
        raise DataError("DQ001", "the name of the file is empty", "name the file")
    contract = settings.contract("source")
    if not (place := source or contract.location):
        hint = "give it `servers` with a path or location, or name the file"
        raise DataError("DQ001", f"{contract.path} does not say where its file lies", hint)
    if objects.is_address(place):
        return place
    return os.path.abspath((Path() if source else settings.read(os.environ).home) / place)


@contextmanager
def delivered(source: str | None) -> Iterator[Path]:
    """The file `source`, else the contract's; one in an object store is fetched for as long as needed."""
    place = origin(source)
    if not objects.is_address(place):
        path = Path(source or place)
        with named(path, str(path)):
            yield path
        return
    store = settings.read(os.environ).store
    store.mkdir(parents=True, exist_ok=True)  # a disk that all of Spark sees
    for leftover in store.glob(".fetched-*"):  # of a process that was killed; others may be at work
        with suppress(FileNotFoundError):  # another has swept it away, or has ended
            if time.time() - leftover.stat().st_mtime > LEFT_SECONDS:
                shutil.rmtree(leftover)
    with TemporaryDirectory(dir=store, prefix=".fetched-") as folder:
        path = objects.fetch(place, Path(folder))
        with named(path, place):
            yield path


@contextmanager
def named(path: Path, name: str) -> Iterator[None]:
    """Say which file it is that has wrong columns, no rows or damage; a contract knows its table alone."""
    try:
        yield
    except DataError as error:
        if error.id not in ("DQ003", "DQ004") or str(path) in error.message:
            raise
        raise DataError(error.id, f"{name}: {error.message}", error.hint) from None
    except Exception as error:
        if not isinstance(error, ProductError) or error.id == "CT005":  # perhaps not the contract's fault
            from .kit.engine import refuse_damaged

            refuse_damaged(path)
        raise


def show(facts: Any, as_json: bool, text: str) -> None:
    if as_json:
        plain = json.loads(json.dumps(facts), parse_constant=lambda _: None)  # JSON knows no NaN
        text = json.dumps(plain, indent=1)
    print(text)


def store(name: str) -> Store:
    return Store(settings.read(os.environ).store / name)


def in_folder(out: Path) -> Path:
    """`out`, if its folder is there and it is none itself."""
    if not out.parent.is_dir():
        raise DataError("DQ001", f"{out.parent}: there is no such folder", "make it first")
    if out.is_dir():
        raise DataError("DQ002", f"{out} is a folder", "name a file, new or to append to")
    return out


def writable(out: Path) -> Path:
    """`out`, if a parquet file can come there."""
    if in_folder(out).suffix != ".parquet":
        hint = f"name it {out.with_suffix('.parquet')}"
        raise DataError("DQ002", f"{out}: only a parquet file is written", hint)
    return out


@contextmanager
def steps() -> Iterator[Callable[..., None]]:
    """Tell the present step, and of how many rows it is done, on a terminal; say nothing in a pipe."""
    console, text = Console(stderr=True), TextColumn("{task.description}")
    with Progress(text, BarColumn(), console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("start", total=None)

        def say(step: str, rows: int = 0, of: int | None = None) -> None:
            bar.advance(task, rows)
            done = bar.tasks[task]
            rate = f": {done.completed:,.0f} rows, {done.completed / (done.elapsed or 1):,.0f} a second"
            bar.update(task, description=step + rate * bool(done.completed), total=of)

        yield say
