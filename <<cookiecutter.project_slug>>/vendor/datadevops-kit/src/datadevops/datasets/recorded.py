"""What a version of a dataset says of its partitions, so that a run opens only those that it makes again.

In:       the partitions of a dataset; later, that version of the dataset.
Out:      facts for its manifest; the partitions, as those facts say.
Failure:  none: whether the files of a partition are whole is verified when they are read.
"""

from collections.abc import Mapping
from typing import Any

from ..store.versions import Version
from . import layout
from .dataset import Dataset


def facts(made: Mapping[str, Version], code: str) -> dict[str, Any]:
    """The facts about these partitions in a version of the dataset that this code makes."""
    return {
        "partitions": {name: version.id for name, version in made.items()},
        "good_rows": {name: version.facts["check"]["good"] for name, version in made.items()},
        "source_rows": {name: version.inputs["rows"] for name, version in made.items()},
        "other_code": {n: v.inputs["code"] for n, v in made.items() if v.inputs["code"] != code},
        "contract_sha256": next(iter(made.values())).inputs["contract"],
    }


def partitions(dataset: Dataset, published: Version) -> dict[str, Version]:
    """The partitions of a published version of the dataset, by name; none is opened."""
    known, store = published.facts, dataset.partitions
    return {
        name: Version(
            id=id_,
            folder=store.root / id_,
            inputs={
                "rows": known["source_rows"][name],
                "contract": known["contract_sha256"],
                "code": known["other_code"].get(name, published.inputs["code"]),
            },
            facts={"check": {"good": known["good_rows"][name]}},
            files={layout.rows(dataset.name): published.files[layout.file(name)]},
            manifest_sha256="",
            made_at=published.made_at,
        )
        for name, id_ in known["partitions"].items()
    }
