"""Which release of the library runs, and the hash of the code that a version of data is made by.

In:       the library's own files, the files of a product.
Out:      "1.0.0", or "1.0.0+edited.3f2a9c0d" where somebody has edited vendor/; one hash for all files that
          decide what a run makes.
Failure:  none.

A patch release of the library recomputes nothing: the hash of a product holds `RESULTS`, not the library.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

from . import __version__
from .product import Product

RESULTS = 1  # raise it when the same inputs may give other outputs; tests/kit/steps/test_results.py says when
HERE = Path(__file__).parent
SEAL = HERE / "release.sha256"  # of the files as they were released; tools/seal_kit.py writes it
SOURCES = {".py", ".sql", ".yaml", ".j2", ".html", ".css", ".md", ".txt"}
WITHOUT_DATA = ("service.py", "cli.py", "contracts/consumers/*", "contracts/upstream/*")  # make no data


def files_sha256(files: Mapping[str, Path]) -> str:
    """One hash for files by their names and contents: 64 hexadecimal digits."""
    found = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in sorted(files.items())}
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()


@cache
def fingerprint() -> str:
    """The hash of the library's own files, as they are on this machine."""
    found = (path for path in HERE.rglob("*") if path.suffix in SOURCES)
    return files_sha256({path.relative_to(HERE).as_posix(): path for path in found})


def version() -> str:
    """The release, with `+edited.HASH` where its files are not those that were released."""
    released = SEAL.read_text(encoding="utf-8").strip() if SEAL.exists() else ""
    return __version__ if fingerprint() == released else f"{__version__}+edited.{fingerprint()[:8]}"


def code_sha256(product: Product, files: Collection[Path] | None = None) -> str:
    """One hash, 12 digits, for what decides the results of a run: Python, SQL and contracts of the product,
    and the library where its results may differ from those of the release. `files`: the SQL and contracts
    that count, if not all do."""
    kinds = {".py", ".sql", ".yaml"}
    found = {
        path.relative_to(product.folder).as_posix(): path
        for path in product.folder.rglob("*")
        if path.suffix in kinds and not any(map(path.match, WITHOUT_DATA))
        if path.suffix == ".py" or files is None or path in files
    }
    library = version().partition("+")[2] or str(RESULTS)
    return hashlib.sha256(f"{files_sha256(found)} {library}".encode()).hexdigest()[:12]
