"""How old the published predictions count in a drill, whatever the times of their rows are.

In:       the store of predictions, with a published version.
Out:      another published version: the same rows, another time of the newest one.
Failure:  StoreError ST004 (nothing is published).
"""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..store import aliases
from ..store.versions import Store


def publish_as_of(predictions: Store, newest: datetime, why: str) -> None:
    """Publish the same rows again, as if the newest one were of this time, in UTC."""
    before = aliases.require(predictions, "published")
    known = {"newest": newest.replace(tzinfo=None).isoformat()}

    def write(folder: Path) -> dict[str, Any]:
        shutil.copyfile(before.file("predictions.parquet"), folder / "predictions.parquet")
        return dict(before.facts) | known

    made = predictions.make(dict(before.inputs) | known, write)
    aliases.promote(predictions, made.id, "published", why, datetime.now(UTC))
