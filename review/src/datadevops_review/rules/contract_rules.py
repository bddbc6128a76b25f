"""DD2, first part: is it said what the data is?"""

import re
from collections.abc import Iterator

from ..contracts import KIND, contracts, mappings, published, required
from ..kit import ANSWERS
from ..repository import Repository
from ..standard import Standard, Strictness
from ..verdict import Finding, NotApplicable

FIELDS = ("apiVersion", "id", "version", "status", "schema")
NUMBERS = {"integer", "number"}
UNITS = set(
    """
    % amps bar bytes celsius cents count currency days decibels degrees dimensionless dollars eur euro euros
    fahrenheit gb gbp grams hectopascal hertz hours hz index items joules kb kelvin kg kilograms kilometres
    kilometers km kmh knots kwh litres liters mb metres meters miles milligrams millilitres millimetres
    millimeters milliseconds minutes mm months mw number ounces pascal people percent percentage percentiles
    points pounds ppm probability psi ratio rows score seconds share tonnes tons usd volts watts weeks yards
    years
    """.split()
)
NO_UNIT = r"(?i)\bwithout (a )?unit\b|\b0 to 1\b|\bbetween 0 and 1\b|\bunit:"


class DD201:
    """What others read has a contract: a file of the Open Data Contract Standard (ODCS).

    A product baked without the example has time until `production`.
    """

    must: Strictness | None = "starter"
    remedy = "Describe the table in a YAML file with `kind: DataContract`; see https://bitol.io."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        begun = contracts(repository) or repository.matching("*.sql") or standard.at_least("production")
        if not begun and (repository.root / ANSWERS).is_file():
            raise NotApplicable("the product makes no table yet")
        if not contracts(repository):
            yield Finding("", "no file says `kind: DataContract`")
        elif not published(repository):
            yield Finding("", "there are contracts of sources only; none for what others read")


class DD202:
    """Each contract can be read, and says its id, version, status and tables."""

    must: Strictness | None = "starter"
    remedy = "Complete the contract; versions are written as 1.2.0."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        for path in repository.matching("contracts/*.y*ml", "*/contracts/*.y*ml"):
            if not repository.documents(path) and path in repository.problems:
                yield Finding(path, repository.problems[path])
        if not repository.yaml_files(KIND):
            raise NotApplicable("there is no data contract")
        for contract in contracts(repository):
            for field in FIELDS:
                if not contract.document.get(field):
                    yield Finding(contract.path, f"no `{field}`")
            if not re.fullmatch(r"v?\d+\.\d+\.\d+\S*", str(contract.document.get("version", "0.0.0"))):
                yield Finding(contract.path, f"version {contract.document['version']!r} is not as 1.2.0")
            for table in contract.tables:
                if not mappings(table.get("properties")):
                    yield Finding(contract.path, f"table {table.get('name')} has no columns (`properties`)")


class DD203:
    """Each column of a contract is described in words of its own."""

    must: Strictness | None = "starter"
    remedy = "Write a `description` of what one value means, not the name again."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        for contract in required(repository):
            for name, column in contract.columns():
                description = str(column.get("description") or "").strip()
                if _letters(description) in ("", _letters(name.partition(".")[2])):
                    yield Finding(contract.path, f"{name} has no description")


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


class DD204:
    """Each number in a contract says its unit, in its description or by `customProperties`."""

    must: Strictness | None = "production"
    remedy = (
        "End the description with the unit, as in `Air temperature, degrees Celsius.`, or `without unit`."
    )

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        known = UNITS | {each.casefold() for each in standard.units}
        for contract in required(repository):
            bare = []
            for name, column in contract.columns():
                if column.get("logicalType") not in NUMBERS or column.get("enum") or column.get("primaryKey"):
                    continue
                text = f"{column.get('description') or ''} {column.get('unit') or ''}"
                words = set(re.findall(r"%|[^\W\d_]+", text.casefold()))
                custom = {each.get("property") for each in mappings(column.get("customProperties"))}
                singular = {f"{word}s" for word in words}
                if not (words | singular) & known and "unit" not in custom and not re.search(NO_UNIT, text):
                    bare.append(name)
            if bare:
                yield Finding(contract.path, f"no unit in the description of {', '.join(bare)}")


class DD205:
    """Each table of a contract has a key, whose columns are required."""

    must: Strictness | None = "starter"
    remedy = "Set `primaryKey: true` and `required: true` on the columns that identify a row."

    @staticmethod
    def check(repository: Repository, standard: Standard) -> Iterator[Finding]:
        for contract in required(repository):
            for table in contract.tables:
                keys = [each for each in mappings(table.get("properties")) if each.get("primaryKey")]
                if not keys:
                    yield Finding(contract.path, f"table {table.get('name')} has no key (`primaryKey`)")
                for each in keys:
                    if not each.get("required"):
                        yield Finding(
                            contract.path, f"{table.get('name')}.{each.get('name')}: a key that may be null"
                        )
