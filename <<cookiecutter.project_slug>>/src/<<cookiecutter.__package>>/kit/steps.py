# The template's file: edits here meet template updates (copier update merges them).
"""A step of a run: made once from its inputs, held against its contract, kept in the store.

In:       the step's name, what it is made from, a function that makes it.
Out:      a version; the table of that name, known to the engine.
Failure:  what `checks` raises for a table that is worse than its contract allows; ContractError CT006
          (what our own SQL makes has other columns).
"""

import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from . import checks
from .contract import Contract
from .engine import Engine
from .errors import ContractError, DataError
from .store import Store, Version

PAGE = "report.html"
RAW = "raw.parquet"  # what a step has made, before it is held against its contract


@dataclass(frozen=True)
class Job:
    """What every step needs."""

    engine: Engine
    store: Path
    contracts: dict[str, Contract]
    code: str  # hash of this package
    now: datetime
    say: Callable[..., object]  # told each piece of work as it begins

    def make(self, name: str, inputs: dict[str, Any], write: Callable[[Path], Any]) -> Version:
        """The version of `name` made from these inputs and this code; made only once."""

        def told(folder: Path) -> Any:
            self.say(name)
            return write(folder)

        return Store(self.store / name).make({**inputs, "code": self.code}, told)

    def split(
        self, name: str, inputs: dict[str, Any], read: Callable[[Path], dict[str, Any]], store: str = ""
    ) -> Version:
        """The good rows of a table and its quarantine; of a part of it in `store`, else in one of its name.

        `read` makes the table known, by RAW in the folder it gets if there is no file yet; what it
        returns becomes facts.
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

    def dataset(
        self, name: str, inputs: dict[str, Any], read: Callable[[Path], dict[str, Any]], store: str = ""
    ) -> Version:
        """As `split`; the good rows become the table of that name. One that is worse than its contract
        allows stops the run."""
        version = self.split(name, inputs, read, store)
        result = checks.Result(**version.facts["check"])
        stays = ["It stays as it was."] if store else []
        checks.enforce(self.engine, self.contracts[name], result, version.file(checks.QUARANTINE), *stays)
        self.engine.read(name, version.file(f"{name}.parquet"))
        return version

    def report(self, inputs: dict[str, str], describe: Callable[[], tuple[dict[str, Any], str]]) -> Version:
        """The run in figures and its page, as `describe` gives them; the newest page lies in the store."""

        def write(folder: Path) -> dict[str, Any]:
            summary, page = describe()
            (folder / PAGE).write_text(page, encoding="utf-8")
            return summary

        version = self.make("reports", inputs, write)
        newest = self.store / PAGE
        with Store(self.store / "reports").locked():  # of two runs at once, each leaves a whole page
            shutil.copyfile(version.file(PAGE), newest.with_suffix(".new"))
            newest.with_suffix(".new").replace(newest)
        return version
