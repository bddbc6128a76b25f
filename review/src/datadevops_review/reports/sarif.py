"""A review as SARIF 2.1.0, which GitHub, GitLab and Azure show beside the lines it is about.

In:       a review.
Out:      a run with a rule for each of ours, and a result for each finding; waived ones are suppressed.
Failure:  none.
"""

import json
from typing import Any

from .. import __version__
from ..verdict import Finding, Result, Review

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"must": "error", "should": "warning"}


def render(review: Review) -> str:
    rules = [
        {
            "id": each.rule,
            "shortDescription": {"text": each.sentence},
            "help": {"text": each.remedy},
            **({"helpUri": each.url} if each.url else {}),
            "defaultConfiguration": {"level": LEVELS[each.level]},
        }
        for each in review.results
    ]
    told = [each for each in review.results if each.state in ("failed", "waived")]
    results = [_result(each, finding) for each in told for finding in each.findings]
    driver = {"name": "datadevops-review", "version": __version__, "rules": rules}
    runs = [{"tool": {"driver": driver}, "results": results}]
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": runs}, indent=2) + "\n"


def _result(result: Result, finding: Finding) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": finding.path or "README.md"}}
    if finding.line:
        place["region"] = {"startLine": finding.line}
    suppressed = {"suppressions": [{"kind": "external", "justification": result.reason}]}
    return {
        "ruleId": result.rule,
        "level": LEVELS[result.level],
        "message": {"text": f"{result.sentence} {finding.what}. {result.remedy}"},
        "locations": [{"physicalLocation": place}],
        **(suppressed if result.state == "waived" else {}),
    }
