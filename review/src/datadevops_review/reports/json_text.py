"""A review as JSON, for programs.

In:       a review.
Out:      an object: counts, each rule with state, findings and remedy, and the exit code of the command.
Failure:  none.
"""

import json
from collections import Counter
from dataclasses import asdict
from typing import Any

from .. import __version__
from ..verdict import Review


def values(review: Review) -> dict[str, Any]:
    """The review as values of JSON."""
    return {
        "checker": __version__,
        "name": review.name,
        "path": review.path,
        "strictness": review.strictness,
        "exit_code": review.exit_code,
        "counts": dict(Counter(each.state for each in review.results)),
        "musts_failing": [each.rule for each in review.in_state("failed", "must")],
        "results": [asdict(each) for each in review.results],
        "waivers": [asdict(each) | {"until": each.until.isoformat()} for each in review.waivers],
        "warnings": list(review.warnings),
    }


def render(review: Review) -> str:
    return json.dumps(values(review), indent=2, ensure_ascii=False) + "\n"
