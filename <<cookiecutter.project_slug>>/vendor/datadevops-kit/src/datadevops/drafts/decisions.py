"""What a person has to decide about a draft, in the order in which it matters.

In:       a draft.
Out:      a line for each decision.
Failure:  none.
"""

import re
from collections.abc import Iterator, Sequence

from ..errors import counted
from .draft import Draft
from .keys import MOST_COLUMNS
from .rules import is_enum

MOST_NAMED = 6  # columns in a line


IN_KEY = "Put it in the key too: else nobody knows how old the rows are."
KNOWN = "Known when? If rows come an hour after their time: custom property availableAfter, PT1H."
KNOWN_WITHOUT_KEY = (
    "Known when? No time is in the key: give the one that says it the custom property availableAfter, PT0S. "
    "Then the check finds SQL that looks ahead."
)
NUMBER = re.compile(r"[+-]?[0-9][0-9.:TZ -]*")
A_ROW = "If line 1 of the file is a row, put a line with names in front, remove this draft, draft again."
GUESSES = "Guesses: ranges, enums, required and unique hold for {0}. Do they hold for every {1}?"


def of_source(draft: Draft, with_model: bool) -> Iterator[str]:
    """Each open question about a source; `with_model`: whether the product has a model."""
    yield _key(draft)
    yield _time(draft)
    left_out = [f"{column.there} ({column.why})" for column in draft.columns if not column.type]
    if left_out:
        yield f"Left out: {_listed(left_out)}. Does anybody need them?"
    if with_model:
        yield "Known only after the outcome: which columns? They get the custom property knownAfterOutcome."
        if times := draft.of_type("timestamp"):
            yield KNOWN if set(times) & set(draft.key) else KNOWN_WITHOUT_KEY
    typed = [f"{column.name} ({column.why})" for column in draft.kept if column.why]
    if typed:
        yield f"Types: {_listed(typed)}."
    if missing := [f"{' '.join(map(repr, c.missing))} in {c.name}" for c in draft.kept if c.missing]:
        yield f"Null: {_listed(missing)} count as null (missingValues). Do they mean that?"
    if days := draft.of_type("date"):
        yield f"Days: {_listed(days)}. If one says when a row was true, make it a timestamp."
    if numbers := [repr(column.there) for column in draft.kept if NUMBER.fullmatch(column.there)]:
        yield f"Header: {_listed(numbers)} in place of a name. {A_ROW}"
    renamed = [f"{column.there!r} is {column.name}" for column in draft.kept if column.there != column.name]
    if renamed:
        yield f"Names: {_listed(renamed)}. Choose names that you can keep: consumers see them."
    if words := [f"`{column.name}`" for column in draft.kept if column.quoted]:
        they = "is a word of SQL: write it" if len(words) == 1 else "are words of SQL: write them"
        yield f"Names: {_listed(words)} {they} in double quotes there."
    figures = draft.figures.items()
    if empty := [name for name, seen in figures if not seen.known]:
        yield f"No value in any row: {_listed(empty)}. Ask the source, or leave them out."
    if constant := [name for name, seen in figures if seen.known and seen.different == 1]:
        yield f"One value in all rows: {_listed(constant)}. Are they worth a column?"
    if far := [f"{name} ({seen.extreme})" for name, seen in figures if seen.extreme is not None]:
        yield f"Far from all other values: {_listed(far)}. Are they right? The range holds them so far."
    yield GUESSES.format("this file", "delivery")
    yield "TODO: what a row and each column mean, its unit; where rows come from, and deliveries are stored."


def of_made(draft: Draft, published: bool) -> Iterator[str]:
    """Each open question about a table that SQL makes; `published`: whether it is a dataset."""
    yield _key(draft)
    times = [name for name in draft.of_type("timestamp", "date") if name in draft.key]
    if published and times:
        how = "`partitioned: true` and the custom property partitionGrain on"
        yield f"Partitions: {how} {' or '.join(times)} cut the dataset; without, each run makes all of it."
    if lost := [f"{column.there} ({column.why})" for column in draft.columns if not column.type]:
        yield f"Not in the contract: {_listed(lost)}. Cast them in the SQL, or leave them out of it."
    if draft.table == "features":
        figures = draft.figures.items()
        if constant := [name for name, seen in figures if seen.known and seen.different == 1]:
            yield f"One value in all rows: {_listed(constant)}. A model learns nothing from it."
        wordy = [c.name for c in draft.kept if c.type == "string" and c.name not in draft.key]
        if wordy := [name for name in wordy if not is_enum(draft.figures[name])]:
            hint = "list its values, or make a number of it in SQL"
            yield f"Text without an enum: {_listed(wordy)}. A model cannot take it: {hint}."
    yield GUESSES.format("these rows", "run")
    yield "TODO: what each column means, and its unit."


def _key(draft: Draft) -> str:
    if draft.key:
        others = "".join(f", or {' with '.join(each)}" for each in draft.keys[1:])
        return f"Key: what is one row one of? Guess: {' with '.join(draft.key)}{others}."
    if draft.repeated:
        repeated = counted(draft.repeated, "row")
        if draft.others:
            return f"Key: there is none, as {repeated} repeated another one. Which column is missing?"
        return f"Key: there is none, as {repeated} repeated another one whole. Are they wrong?"
    if not draft.tried:
        return (
            "Key: there is none, as each column is a measure, or null somewhere, or constant. Is one missing?"
        )
    sets = f"no {MOST_COLUMNS} or fewer of the {draft.tried} likeliest columns"
    return f"Key: {sets} identify a row. Which ones should?"


def _time(draft: Draft) -> str:
    times = draft.of_type("timestamp")
    if not times:
        return "Time: no column is one, so nothing says when a row was true. Is that so?"
    zoned = [column.name for column in draft.kept if column.type == "timestamp" and column.why]
    bare = [name for name in times if name not in zoned]
    zone = f" The file says no zone for {_listed(bare)}: are they UTC?" if bare else ""
    which = (
        f"{times[0]} says when a row was true"
        if len(times) == 1
        else f"which of {_listed(times)} says when a row was true?"
    )
    in_key = bool(set(times) & set(draft.key))
    missed = "" if in_key else f" {IN_KEY}"
    return f"Time: {which}.{zone}{missed}".replace("?.", "?")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
