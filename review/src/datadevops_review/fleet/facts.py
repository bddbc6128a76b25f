"""A fleet as facts of Backstage's Tech Insights.

In:       rows, the time of the review.
Out:      a JSON list of entity, facts and timestamp, which a retriever of Backstage hands on as they are.
Failure:  none.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from .row import MAJOR, Row


def render(rows: Sequence[Row], now: datetime) -> str:
    found = [_fact(each) | {"timestamp": now.isoformat(timespec="seconds")} for each in rows]
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _fact(row: Row) -> dict[str, Any]:
    waivers = row.review.waivers if row.review else ()
    facts = {
        "path": row.path,
        "reviewed": not row.problem,
        "problem": row.problem,
        "owner": row.owner,
        "strictness": row.review.strictness if row.review else "",
        "templateVersion": row.template,
        "templateReleasesBehind": int(row.behind) if row.behind.isdecimal() else None,
        "templateMajorBehind": row.behind == MAJOR,
        "kitVersion": row.kit,
        "rulesPassed": len(row.rules("passed")),
        "rulesAsked": row.asked,
        "mustsFailing": [each.rule for each in row.rules("failed", "must")],
        "shouldsFailing": [each.rule for each in row.rules("failed", "should")],
        "notRun": [each.rule for each in row.rules("not run")],
        "waivers": [f"{each.rule} until {each.until} ({each.owner}): {each.reason}" for each in waivers],
        "firstWaiverExpires": row.expires.isoformat() if row.expires else None,
        "lastActivity": row.last_activity or None,
    }
    entity = {"namespace": "default", "kind": "Component", "name": row.entity or row.name}
    return {"entity": entity, "facts": facts}
