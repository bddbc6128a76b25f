"""DD5: who gets alerted, by what, and what do they do then?"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from ..alerts import alertmanagers, alerts, objectives, receiver, tested
from ..contracts import mapping, mappings
from ..pipelines import strings
from ..repository import Repository
from ..standard import Standard, Strictness
from ..verdict import Finding, NotApplicable

RUNBOOK = "runbook_url"
ENOUGH_WORDS = 60  # below that, a page says nothing to who is woken by night
UNFINISHED = r"\b(TODO|TBD|FIXME|XXX)\b"
CODE = re.compile(r"^\s*```|^(    |\t)\S|`[^`\n]+`", re.M)
EXAMPLE = re.compile(r"https?://([\w.-]+\.)?(example\.(com|org|net)|localhost|change-?me)\b", re.I)


class DD501:
    """It has objectives: a target below 100 %, and how it is measured."""

    must: Strictness | None = "starter"
    remedy = (
        "Write objectives as OpenSLO (https://openslo.com), Sloth or Pyrra: `target: 0.995` and an indicator."
    )

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        found = list(objectives(repository))
        if not found:
            yield Finding("", "no objective of OpenSLO, Sloth or Pyrra")
        for path, name, each in found:
            target = each.get("target")
            if not isinstance(target, int | float) or not 0 < target < 1:
                yield Finding(path, f"{name}: the target is {target!r}, not a ratio between 0 and 1")
            elif name == "availability" and target < standard.availability_floor:
                yield Finding(path, f"{name}: the target is {target}; lowest: {standard.availability_floor}")
            if not each.get("indicator"):
                yield Finding(path, f"{name}: no indicator says how it is measured")


class DD502:
    """Each alert has a runbook in the repository."""

    must: Strictness | None = "starter"
    remedy = "Write a page for the alert in `ops/runbooks/`, and its address as the annotation `runbook_url`."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        if not alerts(repository):
            yield Finding("", "no alert: nobody would learn that it is broken")
        for alert in alerts(repository):
            if not runbook(repository, alert.name, alert.annotations.get(RUNBOOK, "")):
                yield Finding(alert.path, f"{alert.name}: no runbook")


def runbook(repository: Repository, alert: str, address: str) -> str | None:
    """The page of an alert: named in its annotation, or after the alert."""
    page = PurePosixPath(re.sub(r"[?#].*$", "", address)).name
    names = {each for each in (page, f"{page}.md", f"{alert}.md", f"{alert.lower()}.md") if each}
    found = (path for path in repository.matching("*.md", "*.rst") if PurePosixPath(path).name in names)
    return next(found, None)


class DD503:
    """Each runbook says what to do: no stub, but commands, and whom to call."""

    must: Strictness | None = "starter"
    remedy = "Say what users notice, how to see it, which command stops the harm, and whom to call."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        named = (
            runbook(repository, each.name, each.annotations.get(RUNBOOK, "")) for each in alerts(repository)
        )
        pages = set(filter(None, named)) | set(repository.matching("*runbooks/*.md"))
        if not pages:
            raise NotApplicable("there is no runbook")
        for path in sorted(pages):
            text = repository.text(path)
            if len(text.split()) < ENOUGH_WORDS:
                yield Finding(path, f"is a stub of {len(text.split())} words")
            elif found := re.search(UNFINISHED, text):
                yield Finding(path, f"says {found[0]}", text[: found.start()].count("\n") + 1)
            elif not CODE.search(text):
                yield Finding(path, "has no command")
            elif not re.search(r"(?i)\b(call|escalat\w+|contact|on.?call)\b", text):
                yield Finding(path, "does not say whom to call")


class DD504:
    """Each alert reaches somebody: a route takes it, to a receiver that exists."""

    must: Strictness | None = "starter"
    remedy = "Add a route to the configuration of Alertmanager whose matchers fit the labels of the alert."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        if not alerts(repository):
            raise NotApplicable("there is no alert")
        configurations = list(alertmanagers(repository))
        if not configurations:
            yield Finding("", "no configuration of Alertmanager (`route` and `receivers`)")
        for path, configuration in configurations:
            known = {str(each.get("name")) for each in mappings(configuration.get("receivers"))}
            for alert in alerts(repository):
                found = receiver(mapping(configuration.get("route")), alert.labels)
                if found is None:
                    yield Finding(path, f"no route takes {alert.name}")
                elif found not in known:
                    yield Finding(path, f"{alert.name} goes to {found!r}, which is no receiver")


class DD505:
    """Each alert is seen firing in a test of promtool."""

    must: Strictness | None = "production"
    remedy = "Write a case with `exp_alerts` into a test file of promtool (`promtool test rules`)."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        if not alerts(repository):
            raise NotApplicable("there is no alert")
        seen = tested(repository)
        for alert in alerts(repository):
            if alert.name not in seen:
                yield Finding(alert.path, f"{alert.name}: no test sees it fire")


class DD506:
    """Alerts go to real addresses, not to those of an example. Asked from `production` on."""

    must: Strictness | None = "production"
    remedy = (
        "Put the addresses of your on-call tool and tracker into the file of objectives, and render again."
    )

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        if not standard.at_least("production"):
            raise NotApplicable("asked from the strictness `production` on")
        configurations = list(alertmanagers(repository))
        if not configurations:
            raise NotApplicable("there is no configuration of Alertmanager")
        for path, configuration in configurations:
            for address in strings(configuration.get("receivers")):
                if EXAMPLE.search(address):
                    yield Finding(path, f"{address} is an address of an example")
