"""What the declared consumers need of the contracts, and whom a change breaks.

In:       consumers; the contracts of a product; a change of one of them.
Out:      in words: who reads which major version of a table; whom the change breaks.
Failure:  ContractError CT030: a consumer reads a table, a column or a version that is not there, a column of
          another type, or needs a freshness that is not promised. Every wrong place is listed.
"""

from collections.abc import Iterable, Iterator, Mapping

from ..errors import ContractError, nearest
from . import promises
from .changes import Change
from .compatibility import Comparison, major
from .consumers import Consumer, Read
from .values import Contract

HINT = "correct the file; or agree with the consumer first, and change the file and the contract together"


def require(consumers: Iterable[Consumer], contracts: Mapping[str, Contract]) -> None:
    """Raise ContractError CT030 if somebody reads what these contracts do not promise."""
    if wrong := [fault for consumer in consumers for fault in _faults(consumer, contracts)]:
        raise ContractError("CT030", "\n  ".join(wrong), HINT)


def described(consumers: Iterable[Consumer], contract: Contract) -> Iterator[str]:
    """Who reads which major version of a table; which older ones nobody reads any more."""
    if not contract.is_published:
        return
    found = {version: list[str]() for version in range(1, major(contract) + 1)} | _by_version(
        consumers, contract
    )
    for version, who in sorted(found.items()):
        nobody = "nobody is declared to read it" + ", so it can be retired" * (version < major(contract))
        yield f"version {version}: {'read by ' + ', '.join(who) if who else nobody}"


def of_version(consumers: Iterable[Consumer], contract: Contract, version: int) -> list[str]:
    """Who reads that major version of a table."""
    return _by_version(consumers, contract).get(version, [])


def _by_version(consumers: Iterable[Consumer], contract: Contract) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for consumer in consumers:
        for version in {read.version for read in consumer.reads if read.table == contract.name}:
            found.setdefault(version, []).append(str(consumer))
    return found


def who_breaks(consumers: Iterable[Consumer], compared: Comparison, change: Change) -> list[str]:
    """Whom a change of a promise breaks, a line for each; or that nobody is declared to rely on it."""
    if compared.is_sent or compared.old is None:
        return []
    reading = [each for each in consumers if any(_relies(r, change) for r in _reads(each, compared.old))]
    what = f"reads {change.column}" if change.column else f"reads version {major(compared.old)}"
    if change.promise == "freshness":
        what = "needs a freshness"
    return [f"{each} {what}" for each in reading] or [f"no declared consumer {what}"]


def _reads(consumer: Consumer, old: Contract) -> list[Read]:
    return [read for read in consumer.reads if (read.table, read.version) == (old.name, major(old))]


def _relies(read: Read, change: Change) -> bool:
    if change.promise == "freshness":
        return read.freshness is not None
    return not change.column or change.column in read.columns


def _faults(consumer: Consumer, contracts: Mapping[str, Contract]) -> Iterator[str]:
    published = {name: each for name, each in contracts.items() if each.is_published}
    for read in consumer.reads:
        where = f"{consumer.path}: {read.table}"
        if read.table not in published:
            inside = read.table in contracts
            why = (
                "is not published, so nobody else can read it" if inside else "is not a table of this product"
            )
            yield f"{where} {why}; {nearest(read.table, published)}"
            continue
        contract = published[read.table]
        if read.version > major(contract):
            yield f"{where}: version {read.version} is read, and the contract has version {contract.version}"
        if read.version == major(contract):  # an older one is as it was: its contract is beside its rows
            yield from (f"{where}.{fault}" for fault in _misfits(read, contract))


def _misfits(read: Read, contract: Contract) -> Iterator[str]:
    types = {column.name: column.type for column in contract.columns}
    for column, type_ in read.columns.items():
        if column not in types:
            yield f"{column} is not a column, {nearest(column, types)}"
        elif types[column] != type_:
            yield f"{column} is read as {type_}, and is {types[column]}"
    if read.freshness:
        needed, given = (read.freshness.value, read.freshness.unit), promises.of(contract).get("freshness")
        shown = promises.shown(*needed)
        if given is None:
            yield f"freshness: {shown} is needed, and none is promised"
        elif promises.is_less("freshness", needed, given):
            yield f"freshness: {shown} is needed, and {promises.shown(*given)} is promised"
