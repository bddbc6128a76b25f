"""Who was alerted in a drill, and whether that was right.

In:       a stack; the alert that must fire; its symptoms, the other alerts that the same fault may raise.
Out:      which symptoms fired.
Failure:  DrillError (a wrong receiver, team or runbook, a second page), UnexpectedAlertError.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

from ..ops.alerts import Alert, alerts
from .receivers import Notification
from .stack import DrillError, Stack, UnexpectedAlertError


def sent(stack: Stack, name: str, status: str = "firing") -> list[Notification]:
    """The notifications of this alert that arrived."""
    return [each for each in stack.received if each.name == name and each.alert["status"] == status]


def require_silence(stack: Stack, when: str) -> None:
    if active := {*stack.active(), *(each.name for each in stack.received)} - {"Watchdog"}:
        raise UnexpectedAlertError(f"{', '.join(sorted(active))}: active {when}")


def alerted(stack: Stack, alert: Alert, symptoms: Collection[str]) -> bool:
    """Whether the fault was notified: by the alert, or by a symptom that came first and inhibits it."""
    if alert.severity == "dashboard":
        return stack.active().get(alert.name) == "firing"
    return bool(sent(stack, alert.name)) or (
        any(sent(stack, each) for each in symptoms) and stack.inhibited().get(alert.name, False)
    )


def resolved(stack: Stack, alert: Alert, symptoms: Collection[str]) -> bool:
    """Whether the alert fires no more and its receiver knows. What a symptom inhibits is not sent."""
    if stack.active().get(alert.name) == "firing":
        return False
    quiet = alert.severity == "dashboard" or any(sent(stack, each) for each in symptoms)
    return quiet or bool(sent(stack, alert.name, "resolved"))


def check(stack: Stack, expected: Alert, symptoms: Collection[str]) -> set[str]:
    """Check who was alerted, by what and how often; return the symptoms that fired."""
    wrong = [*_misdirected(stack, expected), *_many_pages(stack), *_not_inhibited(stack, expected, symptoms)]
    names = {each.name for each in stack.received}
    own = {each.name for each in alerts(stack.plan.objectives) if each.objective == expected.objective}
    if strays := names - own - {"Watchdog", *symptoms}:
        text = f"{', '.join(sorted(strays))} fired too, which has nothing to do with the fault"
        if not wrong:
            raise UnexpectedAlertError(text)
        wrong.append(text)
    if wrong:
        raise DrillError("; ".join(dict.fromkeys(wrong)))
    return names & set(symptoms)


def _misdirected(stack: Stack, expected: Alert) -> Iterator[str]:
    """Wrong receivers and teams, missing runbooks."""
    objectives = stack.plan.objectives
    for notification in stack.received:
        if notification.address == objectives.receivers["unrouted"]:
            yield f"{notification.name} matches no route: it was sent to unrouted"
    for notification in sent(stack, expected.name):
        labels = notification.alert["labels"]
        found = (notification.address, labels["severity"])
        if found != (objectives.receivers.get(expected.severity), expected.severity):
            yield f"{expected.name} was sent to {' as '.join(found)}, not as {expected.severity}"
        if labels["team"] != objectives.service["labels"]["team"]:
            yield f"{expected.name} is for the team {labels['team']}"
        book = Path(notification.alert["annotations"]["runbook_url"]).name
        if not (stack.plan.ops / "runbooks" / book).is_file():
            yield f"there is no runbook {book}"


def _many_pages(stack: Stack) -> Iterator[str]:
    """One fault wakes once: its pages are one group, which on-call tools keep as one incident."""
    pages = [each for each in stack.received if each.alert["labels"]["severity"] == "page"]
    if len(groups := {each.group for each in pages}) > 1:
        names = sorted({each.name for each in pages})
        yield f"one fault woke {len(groups)} times: {', '.join(names)}"


def _not_inhibited(stack: Stack, expected: Alert, symptoms: Collection[str]) -> Iterator[str]:
    """Alerts that the expected one should silence: the slower ones of its objective, and those of objectives
    that it inhibits. One on the dashboard alone reaches nobody anyway."""
    inhibited = {o.name for o in stack.plan.objectives.slos if o.inhibited_by == expected.objective}
    silenced, others = stack.inhibited(), {expected.name, "Watchdog", *symptoms}
    for alert in alerts(stack.plan.objectives):
        if alert.severity == "dashboard":
            continue
        own = alert.objective == expected.objective and alert.name not in others
        if (own or alert.objective in inhibited) and not silenced.get(alert.name, True):
            yield f"{alert.name} is not inhibited by {expected.name}"
