"""DD2, second part: what do we promise, to whom, and about whom?"""

import re
from collections.abc import Iterator

from ..alerts import service_labels
from ..commands import reaches
from ..contracts import Contract, mapping, mappings, published, required
from ..repository import Repository
from ..standard import Standard, Strictness
from ..verdict import Finding, NotApplicable

EXPERIMENT = "4"
PERSONAL = re.compile(
    r"(^|_)(e?mail|phone|mobile|(first|last|full|middle)_?name|surname|birth_?(day|date)|date_of_birth|dob|ssn|"
    r"passport|iban|street|home_address|ip_?address|national_id|tax_id)(_|$)"
)


class DD206:
    """What others read comes with a promise: how fresh, how available (`slaProperties`).

    An experiment (`tier` 4 of the objectives) promises nothing.
    """

    must: Strictness | None = "starter"
    remedy = (
        "Promise at least one value in `slaProperties`, such as `{property: freshness, value: 3, unit: h}`."
    )

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        if any(each.get("tier") == EXPERIMENT for each in service_labels(repository)):
            raise NotApplicable("it is an experiment: tier 4")
        for contract in _published(repository):
            promises = mappings(contract.document.get("slaProperties"))
            if not any(each.get("property") and each.get("value") is not None for each in promises):
                yield Finding(contract.path, "promises nothing (`slaProperties`)")


def _published(repository: Repository) -> list[Contract]:
    if not published(repository):
        raise NotApplicable("no contract of what others read")
    return published(repository)


class DD207:
    """A pipeline compares each changed contract with the last release: no promise is broken unseen."""

    must: Strictness | None = "starter"
    remedy = "Let the pipeline run `contract diff` of the product, or `datacontract breaking`."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        required(repository)
        if not reaches(repository, r"\bcontract\s+diff\b|\bdatacontract\s+(breaking|changelog|diff)\b"):
            yield Finding("", "no pipeline that runs for changes looks for breaking changes of contracts")


class DD208:
    """A column that names a person is classified."""

    must: Strictness | None = "starter"
    remedy = "Set `classification` on the column (`restricted`, or `public` if it is no person's)."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        for contract in required(repository):
            for name, column in contract.columns():
                if PERSONAL.search(name.partition(".")[2].casefold()) and not column.get("classification"):
                    yield Finding(contract.path, f"{name} looks personal, and has no `classification`")


class DD209:
    """Who reads the data knows what it is for, and what not: purpose, usage and limitations."""

    must: Strictness | None = "production"
    remedy = "Write `purpose`, `usage` and `limitations` below `description` of the contract."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        for contract in _published(repository):
            description = mapping(contract.document.get("description"))
            missing = [each for each in ("purpose", "usage", "limitations") if not description.get(each)]
            if missing:
                yield Finding(contract.path, f"no {', '.join(missing)}")


class DD210:
    """Who reads what an active contract promises stands in `contracts/consumers/`: a change names whom it
    breaks."""

    must: Strictness | None = None
    remedy = (
        "Write `contracts/consumers/WHO.yaml` for each reader: `team`, `contact`, and `reads` with `table`,"
        " `version` and `columns`. If nobody reads it yet, let the `status` of the contract be `draft`."
    )

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        read = {
            str(each.get("table"))
            for path in repository.matching("*contracts/consumers/*.yaml")
            for document in repository.documents(path)
            for each in mappings(mapping(document).get("reads"))
        }
        for contract in _published(repository):
            if contract.document.get("status") == "active":
                for table in contract.tables:
                    if str(table.get("name")) not in read:
                        yield Finding(contract.path, f"no declared consumer reads {table.get('name')}")
