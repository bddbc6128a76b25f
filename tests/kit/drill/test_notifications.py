"""Who was alerted is judged: one page by the right alert, symptoms apart, nothing that has no part in it."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

import shop_forecast
from datadevops.drill import notifications, stack
from datadevops.drill.receivers import Notification
from datadevops.ops import alerts, own_objectives

UNROUTED = own_objectives.load(shop_forecast.PRODUCT, shop_forecast.PRODUCT.folder).receivers["unrouted"]
CAUSE, SYMPTOM, OTHER = "AvailabilityBurnFast", "LatencyBurnFast", "DriftBreach"


@pytest.fixture
def objectives(forecast, request):
    """Those of the product; `dashboard`: all alerts reach nobody."""
    found = own_objectives.load(forecast, forecast.folder)
    if getattr(request, "param", "") != "dashboard":
        return found
    quiet = {"page": "dashboard", "ticket": "dashboard"}
    slos = [
        replace(o, annotations={k: quiet.get(v, v) for k, v in o.annotations.items()}) for o in found.slos
    ]
    return found._replace(slos=slos)


@pytest.fixture
def known(objectives):
    return {each.name: each for each in alerts.alerts(objectives)}


@pytest.fixture
def drilled(objectives, known, tmp_path):
    """drilled(*names, ...): what a stack has received when these alerts fired."""

    def make(*names, inhibited=(), group="one", status="firing", address="", active=(), **changed):
        (tmp_path / "runbooks").mkdir(exist_ok=True)
        (tmp_path / "runbooks" / f"{CAUSE}.md").touch()
        received = []
        for name in names:
            labels = {"alertname": name, "severity": known[name].severity, "team": "shop-data"} | changed
            alert = {"labels": labels, "status": status, "annotations": {"runbook_url": f"x/{name}.md"}}
            there = address or objectives.receivers.get(labels["severity"], "nowhere")
            received.append(Notification(there, alert, group.replace("each", name)))
        return SimpleNamespace(
            plan=SimpleNamespace(objectives=objectives, ops=tmp_path),
            received=received,
            active=lambda: dict(active),
            inhibited=lambda: dict.fromkeys(names, False) | dict.fromkeys(inhibited, True),
        )

    return make


def test_symptoms_are_named_and_no_failure(drilled, known):
    found = drilled(SYMPTOM, CAUSE, inhibited=[SYMPTOM])

    assert notifications.check(found, known[CAUSE], [SYMPTOM, "TelemetryMissing"]) == {SYMPTOM}


def test_an_alert_that_has_nothing_to_do_with_the_fault_is_named(drilled, known):
    with pytest.raises(stack.UnexpectedAlertError, match=f"^{OTHER} fired too"):
        notifications.check(drilled(CAUSE, OTHER), known[CAUSE], [SYMPTOM])


@pytest.mark.parametrize("objectives", ["dashboard"], indirect=True)
def test_alerts_that_reach_nobody_need_no_silence(drilled, known):
    found = drilled()
    found.inhibited = lambda: {CAUSE: False, SYMPTOM: False}

    assert notifications.check(found, known[CAUSE], [SYMPTOM]) == set()


WRONG = {
    "two incidents": (((CAUSE, SYMPTOM), {"group": "each", "inhibited": [SYMPTOM]}), "woke 2 times"),
    "a symptom that goes on": (((CAUSE, SYMPTOM), {}), f"{SYMPTOM} is not inhibited by {CAUSE}"),
    "its own slow burn": (((CAUSE, "AvailabilityBurnSlow"), {}), "AvailabilityBurnSlow is not inhibited"),
    "no route": (((CAUSE,), {"address": UNROUTED}), f"{CAUSE} matches no route: it was sent to unrouted"),
    "another receiver": (((CAUSE,), {"address": "x"}), "was sent to x as page, not as page"),
    "another team": (((CAUSE,), {"team": "other"}), "is for the team other"),
    "no runbook": ((("TelemetryMissing",), {}), "there is no runbook TelemetryMissing.md"),
    "too little urgency": (((CAUSE,), {"severity": "ticket"}), "was sent to .*ticket as ticket, not as page"),
}


@pytest.mark.parametrize(("case", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_a_notification_fails(drilled, known, case, message):
    names, changed = case

    with pytest.raises(stack.DrillError, match=message) as failed:
        notifications.check(drilled(*names, **changed), known[names[0]], [SYMPTOM])

    assert not isinstance(failed.value, stack.UnexpectedAlertError)


def test_an_alert_that_its_symptom_silences_was_alerted_all_the_same(drilled, known):
    first = drilled("TelemetryMissing", inhibited=[SYMPTOM])

    assert notifications.alerted(first, known[SYMPTOM], ["TelemetryMissing"])
    assert not notifications.alerted(first, known[SYMPTOM], [])
    assert not notifications.alerted(first, known[OTHER], ["TelemetryMissing"])


ENDED = {  # alerts that were sent, how they ended, what still fires -> whether the fault is over
    "it was sent that it ended": ((CAUSE,), "resolved", {}, True),
    "nobody was sent that it ended": ((CAUSE,), "firing", {}, False),
    "it still fires": ((CAUSE,), "resolved", {CAUSE: "firing"}, False),
    "it waits to fire": ((CAUSE,), "resolved", {CAUSE: "pending"}, True),
    "a symptom was sent in its place": ((SYMPTOM,), "firing", {}, True),
    "another alert was sent": ((OTHER,), "firing", {}, False),
}


@pytest.mark.parametrize(("names", "status", "active", "over"), ENDED.values(), ids=ENDED)
def test_a_fault_is_over_if_its_alert_fires_no_more_and_its_receiver_knows(
    drilled, known, names, status, active, over
):
    found = drilled(*names, status=status, active=active)

    assert notifications.resolved(found, known[CAUSE], [SYMPTOM]) is over


@pytest.mark.parametrize("objectives", ["dashboard"], indirect=True)
def test_an_alert_on_the_dashboard_alone_is_seen_there(drilled, known):
    fires, quiet = drilled(active={CAUSE: "firing"}), drilled(active={CAUSE: "pending"})

    seen = [
        (notifications.alerted(found, known[CAUSE], []), notifications.resolved(found, known[CAUSE], []))
        for found in (fires, quiet)
    ]

    assert seen == [(True, False), (False, True)]


def test_only_the_watchdog_may_be_active_or_sent_where_nothing_is_broken(drilled, known):
    notifications.require_silence(drilled("Watchdog", active={"Watchdog": "firing"}), "before")

    for found in (drilled(OTHER), drilled(active={OTHER: "pending"})):
        with pytest.raises(stack.UnexpectedAlertError, match=f"^{OTHER}: active before"):
            notifications.require_silence(found, "before")
