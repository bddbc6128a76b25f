"""Faults in contracts: not what the standard, the SQL or the consumers expect."""

from breaking import append, delete, edit

from .fault import FEATURES as SQL
from .fault import SRC, Fault, against

CONTRACTS = f"{SRC}/contracts"
FEATURES, LABELS, PREDICTIONS = (f"{CONTRACTS}/{name}.yaml" for name in ("features", "labels", "predictions"))
WEATHER = f"{CONTRACTS}/sources/weather.yaml"

FAULTS = [
    Fault(
        "an unquoted version that YAML reads as a number",
        "contracts",
        r"version",
        edit(PREDICTIONS, ("version: 1.0.0", "version: 1.10")),
        also=frozenset({"review"}),
    ),
    Fault(
        "a key that stands twice",
        "contracts",
        r"repeated in one mapping",
        append(PREDICTIONS, "status: active\n"),
    ),
    Fault(
        "a word that the standard does not know",
        "contracts",
        r"logicalTypo",
        edit(FEATURES, ("      - name: rain_mm\n", "      - name: rain_mm\n        logicalTypo: number\n")),
    ),
    Fault(
        "a smallest value above the largest",
        "contracts",
        r"weather\.yaml contradicts itself",
        edit(WEATHER, ("{minimum: 870, maximum: 1085}", "{minimum: 1085, maximum: 870}")),
    ),
    Fault(
        "a rule about a column that is not there",
        "job",
        r"dewpoint_c",
        edit(WEATHER, ("WHERE dew_point_c > temperature_c", "WHERE dewpoint_c > temperature_c")),
    ),
    Fault(
        "a column of the contract that the SQL does not make",
        "job",
        r"wind_gust_ms",
        edit(SQL, ("        wind_gust_ms,\n", "")),
    ),
    Fault(
        "answers of another kind than the label",
        "contracts",
        r"ML010",
        edit(LABELS, ("logicalType: boolean", "logicalType: number")),
    ),
    Fault(
        "a contract of the model that is gone",
        "job",
        r"predictions",
        delete(PREDICTIONS),
        also=frozenset({"contracts", "review"}),
    ),
    Fault(
        "a column that consumers read is gone",
        "breaking",
        r"model_version",
        edit(PREDICTIONS, ("      - name: model_version\n", "      - name: version_of_model\n")),
        also=frozenset({"contracts"}),
    ),
    Fault(
        "a promise that is loosened in the same major version",
        "breaking",
        r"freshness",
        edit(PREDICTIONS, ("    value: 3\n", "    value: 30\n")),
        also=frozenset({"contracts"}),
    ),
    against("a column without a word of what it means", "DD203"),
    against("a number without its unit", "DD204"),
    Fault(
        "rows of a person that nobody classified",
        "review",
        r"DD208",
        append(
            WEATHER,
            "      - name: observer_email\n        description: Who observed.\n        logicalType: string\n",
        ),
    ),
]
