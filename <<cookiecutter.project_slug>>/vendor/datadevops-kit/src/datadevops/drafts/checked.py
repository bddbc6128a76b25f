"""Draft a contract from a file, and check the file against it, as `check` does.

In:       a file, the name of its table, the place that the contract names, who the product is.
Out:      the draft and the text of the contract.
Failure:  what `draft` raises.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from ..contract import odcs
from ..engine import checks
from ..engine.start import Engine
from ..product import Product
from . import page
from .draft import Draft, draft


def contract(
    engine: Engine,
    path: Path,
    table: str,
    place: str,
    product: Product,
    answers: Mapping[str, str],
    key: Sequence[str] = (),
    only: Sequence[str] = (),
) -> tuple[Draft, str]:
    """A contract that every row of the file keeps; `key`: what identifies a row, if people know it; `only`:
    the columns that it is about."""
    found = draft(engine, path, table, key, only=only)
    text = page.text(found, place, product, answers)
    with TemporaryDirectory() as folder:
        tried = Path(folder) / f"{table}.yaml"
        tried.write_text(text, encoding="utf-8")
        wanted = odcs.load(tried)
        engine.read(table, path, *wanted.reading)
        result = checks.split(engine, wanted, Path(folder))
    if result.bad or result.failures:  # a guess of ours is wrong: better no contract than such a one
        raise AssertionError(f"{path} does not keep what was drafted from it: {result}")
    return found, text
