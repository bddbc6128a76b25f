"""Faults in objectives, alerts and runbooks: nobody is woken, or the wrong one, or for nothing."""

from breaking import edit
from breaks import BREAKS

from .fault import Fault, against

SLO, RULES, ALERTMANAGER = "ops/slo.yaml", "ops/generated/rules.yml", "ops/generated/alertmanager.yml"
RUNBOOK = "ops/runbooks/DriftBreach.md"
REVIEW = frozenset({"review"})

FAULTS = [
    Fault(
        "an objective below what the contract promises",
        "ops",
        r"0\.9, but the contract of predictions promises 0\.995",
        edit(SLO, ("target: 0.995", "target: 0.9")),
    ),
    Fault(
        "freshness is measured against another limit than promised",
        "ops",
        r"freshness",
        edit(SLO, ("value: 10800", "value: 108000")),
    ),
    Fault(
        "an alert that was weakened by hand",
        "ops",
        r"rules\.yml",
        edit(RULES, ("for: 10m", "for: 10d")),
    ),
    Fault(
        "an alert that goes to another team",
        "ops",
        r"alertmanager\.yml",
        edit(
            ALERTMANAGER, ('team="weather-data"\', \'severity="page"', 'team="climate"\', \'severity="page"')
        ),
        also=REVIEW,
    ),
    Fault(
        "an alert of which no test is left",
        "ops",
        r"rules_test\.yml",
        BREAKS["DD505"],
    ),
    Fault(
        "an alert without a runbook",
        "test",
        r"DriftBreach",
        BREAKS["DD502"],
        also=REVIEW,
    ),
    Fault(
        "a runbook with a command that does not exist",
        "test",
        r"models revert",
        edit(RUNBOOK, ("models rollback", "models revert")),
    ),
    Fault(
        "a runbook with a query that Prometheus cannot read",
        "ops",
        r"could not parse expression",
        edit(RUNBOOK, ("topk(5, max by (column)", "topk(5 max by (column)")),
    ),
    against("a runbook that says nothing", "DD503"),
    Fault(
        "latency measured at a limit that no histogram has",
        "ops",
        r"no le of \S+ is '0\.45'",
        edit(SLO, ('le="0.5"', 'le="0.45"')),
    ),
    Fault(
        "an objective about a metric that nobody measures",
        "ops",
        r"product_drift_psy",
        edit(SLO, ("product_drift_psi", "product_drift_psy")),
    ),
    Fault(
        "a severity that reaches nobody",
        "ops",
        r"pager",
        edit(
            SLO,
            (
                "{alert-fast-burn: page, alert-slow-burn: ticket, silent-after",
                "{alert-fast-burn: pager, alert-slow-burn: ticket, silent-after",
            ),
        ),
    ),
    against("an objective that nothing can miss", "DD501"),
    Fault(
        "OpenSLO with a key that it does not know",
        "ops",
        r"budgetMethod",
        edit(SLO, ("budgetingMethod: Occurrences", "budgetMethod: Occurrences")),
    ),
    against("a form of the post-mortem that is gone", "DD702"),
]
