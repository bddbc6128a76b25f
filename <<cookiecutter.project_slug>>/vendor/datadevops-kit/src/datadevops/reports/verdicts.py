"""What the gate said about a version of the model, as the reports of the runs keep it.

In:       the folder of the store, the name of a version.
Out:      the checks that it did not pass.
Failure:  none: of a version that no report is about, and of a damaged report, nothing is known.
"""

from contextlib import suppress
from pathlib import Path
from typing import Any

from ..errors import StoreError
from ..store.versions import Store


def not_passed(root: Path, version: str) -> list[dict[str, Any]]:
    """Name, figure and bound of each check, of the newest run that judged the version as its candidate."""
    reports = Store(root / "reports")
    for name in reports.versions():
        with suppress(StoreError):
            facts = reports.about(name).facts
            if facts["gate"] and facts["versions"]["candidate"] == version:
                return [check for check in facts["gate"] if not check["passed"]]
    return []
