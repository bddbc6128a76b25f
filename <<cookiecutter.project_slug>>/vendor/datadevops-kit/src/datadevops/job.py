"""One run of a product: what every step of its pipeline needs, and gets.

In:       a step's name, what it is made from, a function that makes it.
Out:      a version: made only once from the same inputs, checked against its contract, kept in the store;
          the table of that name, known to the engine.
Failure:  what `checks` raises for a table that is worse than its contract allows; ContractError CT006
          (our own SQL gives other columns than the contract).
"""

import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .contract.values import Contract
from .engine import checks
from .engine.graph import Statement
from .engine.start import Engine
from .errors import ContractError, DataError
from .product import Product, Settings
from .store.versions import Shared, Store, Version

PAGE = "report.html"
RAW = "raw.parquet"  # what a step has made, before it is checked against its contract


@dataclass(frozen=True)
class Delivered:
    """A file of rows of a source."""

    path: Path
    place: str  # where it comes from: a whole path, or an address
    there: bool = True  # False: nothing is at the place that the contract names

    @property
    def name(self) -> str:
        """The file as its user knows it."""
        return self.place if "://" in self.place else str(self.path)


@dataclass(frozen=True)
class Job:
    """What the steps of one run share."""

    product: Product
    settings: Settings
    engine: Engine
    contracts: dict[str, Contract]
    code: str  # hash of the code that makes versions
    now: datetime  # when the run began
    progress: Callable[..., object]  # called with the name of each piece of work as it begins
    sources: dict[str, Delivered]  # table -> its file
    statements: dict[str, Statement] = field(default_factory=dict)  # of transforms/, in their order
    options: dict[str, Any] = field(default_factory=dict)  # of the command line, as the span of partitions
    made: dict[str, Version] = field(default_factory=dict)  # by the steps so far, by name
    notes: dict[str, Any] = field(default_factory=dict)  # what the steps leave for the report

    def clock(self) -> datetime:
        """The time at this moment: a version is promoted after it was made, not when the run began."""
        return datetime.now(UTC)

    def store(self, name: str) -> Store:
        return Store(self.settings.store / name, quick=True)

    def make(
        self,
        name: str,
        inputs: dict[str, Any],
        write: Callable[[Path], Any],
        shared: Shared | None = None,
    ) -> Version:
        """The version of `name` made from these inputs and this code, unless they name another one;
        `write(folder)` makes it if there is none yet, and returns facts. `shared`: files that it has in
        common with another version."""

        def work(folder: Path) -> Any:
            self.progress(name)
            return write(folder)

        return self.store(name).make({"code": self.code, **inputs}, work, shared)

    def split(
        self, name: str, inputs: dict[str, Any], read: Callable[[Path], dict[str, Any]], store: str = ""
    ) -> Version:
        """The good rows of a table and its quarantine. With `store`, a part of the table, kept there.

        `read(folder)` makes the table known to the engine, by RAW in the folder if there is no file yet;
        what it returns becomes facts.
        """

        def write(folder: Path) -> dict[str, Any]:
            facts = read(folder)
            try:
                result = checks.split(self.engine, self.contracts[name], folder, part=bool(store))
            except DataError as error:
                if error.id != "DQ004" or not (folder / RAW).exists():
                    raise
                hint = "let the SQL that makes it give these columns; a cast gives another type"
                raise ContractError("CT006", error.message, hint) from None
            (folder / RAW).unlink(missing_ok=True)
            return facts | {"check": asdict(result)}

        return self.make(store or name, inputs, write)

    def table(
        self, name: str, inputs: dict[str, Any], read: Callable[[Path], dict[str, Any]], store: str = ""
    ) -> Version:
        """As `split`; the good rows become the table of that name. A table that is worse than its contract
        allows stops the run."""
        version = self.split(name, inputs, read, store)
        result = checks.Result(**version.facts["check"])
        bad, maker = version.file(checks.QUARANTINE), self._maker(name)
        stays = ["It stays as it was."] if store else []
        checks.enforce(self.engine, self.contracts[name], result, bad, maker, *stays)
        self.engine.read(name, version.file(f"{name}.parquet"))
        return version

    def _maker(self, name: str) -> Path | None:
        """The product's own file that makes the rows of a table; None if they are delivered."""
        if self.contracts[name].is_source:
            return None
        statement = self.statements.get(name)
        return statement.path if statement else self.product.folder / "model.py"

    def report(self, inputs: dict[str, str], describe: Callable[[], tuple[dict[str, Any], str]]) -> Version:
        """The run in figures and its page, as `describe` gives them; the newest page is in the store."""

        def write(folder: Path) -> dict[str, Any]:
            summary, page = describe()
            (folder / PAGE).write_text(page, encoding="utf-8")
            return summary

        version = self.make("reports", inputs, write)
        self.store("reports").renew(version)
        newest = self.settings.store / PAGE
        with self.store("reports").locked():  # of two runs at once, each leaves a whole page
            shutil.copyfile(version.file(PAGE), newest.with_suffix(".new"))
            newest.with_suffix(".new").replace(newest)
        return version
