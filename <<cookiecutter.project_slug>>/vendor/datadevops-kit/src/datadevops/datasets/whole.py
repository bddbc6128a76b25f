"""What a partition and all partitions together must keep.

In:       the rows that the SQL made for a partition; the partitions of a dataset.
Out:      warnings, and counts for the report.
Failure:  ContractError CT008 (the SQL makes rows of another partition); RefusedError DQ006 (all partitions
          together do not keep the contract).
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..engine import checks
from ..errors import ContractError, RefusedError, counted
from ..store.versions import Version
from . import cut, layout, partitions
from .dataset import Dataset


def require_rows_in_partition(dataset: Dataset, partition: str) -> None:
    """Refuse SQL that makes rows of another partition than it was given: two could make the same row."""
    where = f"where {cut.name_sql(dataset.contract, dataset.grain)} is distinct from '{partition}'"
    ((rows,),) = dataset.job.engine.rows(f'select count(*) from "{dataset.name}" {where}')
    if rows:
        sql = dataset.statements[dataset.name].path
        what = f"became {counted(rows, 'row')} of another {dataset.word} or without a time"
        hint = f"make each row of the dataset only from rows of its own {dataset.word}"
        raise ContractError("CT008", f"{sql}: source rows of {partition} {what}", hint)


def check_dataset(dataset: Dataset, rows: int, folder: Path, made: Mapping[str, Version]) -> list[str]:
    """Refuse a dataset whose rows in `folder` break its contract as a whole, although each of its partitions
    `made` keeps it; returns the warnings."""
    contract, engine, word = dataset.contract, dataset.job.engine, dataset.word
    engine.read_folder(dataset.name, folder)
    failures, warnings = checks.table_rules(engine, contract) if rows else (["there are no rows"], [])
    for name in [column.name for column in contract.columns if column.unique]:
        counts = f'count("{name}") - count(distinct "{name}")'
        ((more,),) = engine.rows(f'select {counts} from "{dataset.name}"')
        if more:
            failures.append(f"{name} is unique, and {more:,} of its values are in another {word} too")
    if failures:
        text = "\n  ".join([f"{contract.path} v{contract.version}: of all {word}s together", *failures])
        hint = f"correct the source or {dataset.name}.sql, or relax the contract"
        raise RefusedError("DQ006", f"{text}\n  Nothing new is published.", hint)
    if other := sorted(name for name, each in made.items() if partitions.is_stale(dataset, each)):
        some = f"{len(other)} of {len(made)} {word}s, {other[0]} to {other[-1]}"
        hint = f"`{dataset.job.product.command} run` without --from and --to makes them again"
        warnings.append(f"{some}, were made by other code, SQL or sources; {hint}")
    return warnings


def newest(dataset: Dataset, made: Mapping[str, Version]) -> str | None:
    """The time of the newest row of a dataset; None if its key has no time. Partitions sort by time, so only
    the last one that has rows is read."""
    time = cut.time_of(dataset.contract)
    filled = [version for _, version in sorted(made.items()) if version.facts["check"]["good"]]
    if not (time and filled):
        return None
    dataset.job.engine.read(dataset.name, filled[-1].file(layout.rows(dataset.name)))
    ((found,),) = dataset.job.engine.rows(f'select max("{time.name}") from "{dataset.name}"')
    return str(found.isoformat())


def check_counts(made: Mapping[str, Version]) -> dict[str, Any]:
    """The sums of `checks.Result` over these partitions for the contract of the dataset; `refused`: how many
    source rows delivered earlier break the source contract now; `extra`: columns that the contract lacks."""
    each = [version.facts["check"] for version in made.values()]
    broken = sum((Counter(check["broken"]) for check in each), Counter[str]())
    counts = {count: sum(check[count] for check in each) for count in ("read", "good", "bad")}
    refused = sum(version.facts["refused"] for version in made.values())
    extra = sorted({name for check in each for name in check["extra"]})
    return counts | {"broken": dict(broken), "refused": refused, "extra": extra}
