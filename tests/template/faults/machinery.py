"""Faults in the kit: its own tests see each, and in a product the seal of the kit does."""

from breaking import append, edit

from .fault import KIT, Fault


def of_kit(title: str, tests: str, says: str, file: str, old: str, new: str) -> Fault:
    """A fault in a module of the kit, which these tests of it must see."""
    return Fault(
        title, f"tests/kit/{tests}", says, edit(f"{KIT}/{file}", (old, new)), also=frozenset({"review"})
    )


FAULTS = [
    Fault(
        "an edit in vendor/ that no update knows of",
        "review",
        r"DD414",
        append(f"{KIT}/errors.py", "# An edit.\n"),
    ),
    of_kit(
        "a flipped comparison in a check",
        "engine/test_checks.py",
        r"FAILED",
        "contract/predicates.py",
        'f"{name} > {literal(limits.maximum)} and',
        'f"{name} < {literal(limits.maximum)} and',
    ),
    of_kit(
        "bad rows that go nowhere",
        "engine/test_checks.py",
        r"quarantined is not",
        "engine/checks.py",
        "from _marked where broken_rules <> ''\"\n    bad =",
        "from _marked where broken_rules <> '' and false\"\n    bad =",
    ),
    of_kit(
        "a key that may stand twice in a YAML file",
        "test_yaml_file.py",
        r"FAILED",
        "yaml_file.py",
        "if len(places) > 1:",
        "if False:",
    ),
    of_kit(
        "a hash that nobody verifies",
        "store/test_store.py",
        r"FAILED",
        "store/versions.py",
        "if not whole:\n            raise damaged(folder)\n        return found",
        "return found",
    ),
    of_kit(
        "a rollback to what was changed in the meantime",
        "store/test_aliases.py",
        r"FAILED",
        "store/aliases.py",
        'if version.manifest_sha256 != event["manifest_sha256"]:',
        "if False:",
    ),
    of_kit(
        "a gate that lets every model through",
        "models/test_gate.py",
        r"FAILED",
        "models/gate.py",
        'f"wholly > {least:g}", low > least, first)',
        'f"wholly > {least:g}", True, first)',
    ),
    of_kit(
        "a champion that is never compared",
        "models/test_gate.py",
        r"FAILED",
        "models/gate.py",
        "if rows.champion is not None:",
        "if False:",
    ),
    of_kit(
        "rows of one person in training and in evaluation",
        "models/test_split.py",
        r"FAILED",
        "models/split.py",
        "validation=~(past | newest),",
        "validation=~past,",
    ),
    of_kit(
        "intervals that are too narrow",
        "models/test_intervals.py",
        r"FAILED",
        "models/intervals.py",
        "COVERED = 0.9",
        "COVERED = 0.7",
    ),
    of_kit(
        "a body without a limit",
        "service/test_http.py",
        r"FAILED",
        "service/body.py",
        "if len(body) > BODY_BYTES:",
        "if False:",
    ),
    of_kit(
        "any token is accepted",
        "service/test_access.py",
        r"FAILED",
        "service/access.py",
        'token != b"" and any(matches)',
        'token != b""',
    ),
]
