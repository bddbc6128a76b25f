"""Who reads what a product publishes: contracts/consumers/<who>.yaml, one file of the team for each reader.

In:       the folder of the contracts.
Out:      `Consumer`s: what they read, in which major version, how fresh, and where they are reached.
Failure:  ContractError CT030: a file that cannot be read as one. Every wrong place is listed.
"""

from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from .. import yaml_file
from ..errors import ContractError, first_line, nearest
from . import promises
from .standard import place

FOLDER = "consumers"
TIMES = [unit for unit in promises.UNITS if unit != "percent"]
HINT = "correct the file"


def _unit(given: str) -> str:
    if given not in TIMES:
        raise ValueError(f"{given!r} is no unit, {nearest(given, TIMES)}")
    return given


class _Given(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Freshness(_Given):
    value: int | float = Field(gt=0)
    unit: Annotated[str, AfterValidator(_unit)]


class Read(_Given):
    table: str
    version: int = Field(ge=0)  # major version of the contract
    columns: dict[str, str] = Field(min_length=1)  # column -> logicalType
    freshness: Freshness | None = None  # how old the newest row may be for them; None: they do not mind


class Consumer(_Given):
    path: Path
    team: str = Field(min_length=1)
    contact: str = Field(min_length=1)  # where they are reached
    reads: tuple[Read, ...] = Field(min_length=1)

    @property
    def who(self) -> str:
        return self.path.stem

    def __str__(self) -> str:
        return f"{self.who} ({self.contact.removeprefix('mailto:')})"


def files(contracts: Path) -> list[Path]:
    return sorted((contracts / FOLDER).glob("*.yaml"))


def load(contracts: Path) -> list[Consumer]:
    """The declared readers, each file valid by itself; `contracts`: the folder of a product's contracts."""
    found, wrong = [], []
    for path in files(contracts):
        try:
            found.append(_parsed(path))
        except ContractError as error:
            wrong += error.message.splitlines()
    if wrong:
        raise ContractError("CT030", "\n  ".join(map(str.strip, wrong)), HINT)
    return found


def _parsed(path: Path) -> Consumer:
    try:
        raw = yaml_file.document(path.read_text(encoding="utf-8"))
        if not isinstance(raw, dict):
            raise yaml.YAMLError("it is no mapping")
        if "path" in raw:  # which is not the team's to say
            raise yaml.YAMLError("no key 'path'; there is: team, contact, reads")
        return Consumer.model_validate(raw | {"path": path})
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ContractError("CT030", f"{path} cannot be read: {first_line(error)}", HINT) from None
    except ValidationError as error:
        places = [_place(each, raw) for each in error.errors()]
        raise ContractError("CT030", "\n".join(f"{path}: {each}" for each in places), HINT) from None


def _place(error: Any, raw: Any) -> str:
    *above, name = error["loc"]
    if error["type"] == "extra_forbidden":
        entries: dict[int, type[BaseModel]] = {0: Consumer, 2: Read, 3: Freshness}
        known = [key for key in entries[len(above)].model_fields if key != "path"]
        return place(above, raw) + f"no key {name!r}, {nearest(str(name), known)}"
    return place(error["loc"], raw) + str(error["msg"]).removeprefix("Value error, ")
