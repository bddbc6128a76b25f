"""The columns of a file as a contract can have them: name, logical type, and why.

In:       a table as the engine reads it, and whether it is of a CSV file, whose cells are text.
Out:      `Found` for each column.
Failure:  DataError DQ004 (line 1 of a CSV file is a row); ContractError CT022 (a column that is not there).
          A column of which a contract has no type is `Found` without one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..contract.kinds import UNTYPED, kind_of, quoted_name
from ..engine import portable, sql_fault
from ..engine.start import Engine
from ..errors import ContractError, nearest
from . import header, looks, names, nulls

OPPOSITES = {"true": "false", "t": "f", "yes": "no", "y": "n"}
OPPOSITES |= {no: yes for yes, no in OPPOSITES.items()}
ZONED = ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS")
NOT_PORTABLE = f", with `-- {portable.ONLY}` on its line"
EMPTY = "no value in any row, so its type is a guess too"


@dataclass(frozen=True)
class Found:
    there: str  # its name in the file
    name: str  # its name in the contract
    type: str  # a logicalType; empty: a contract has none for it
    why: str = ""  # what its type follows from, where it is not the type that the file gives
    look: str = ""  # of text that all looks so: uuid or email
    missing: tuple[str, ...] = ()  # texts in it that stand for null
    quoted: bool = False  # its name is a word of SQL, where it needs double quotes


def found(engine: Engine, table: str, csv: bool) -> list[Found]:
    """Every column of the table, in the order of the file."""
    types = engine.types(f"from {table}")
    text = [name for name, type_ in types.items() if kind_of(type_) == "string"]
    words = nulls.words(engine, table, text) if csv else {}
    known = nulls.without(table, words)
    seen = looks.counted(engine, known, text)
    if csv:
        header.refuse_row(engine, seen)
    typed = {there: _of_text(engine, known, there, seen[there]) for there in text}
    # Words that stand for null among numbers or times stand for null in texts too.
    sure = {word for there, found in words.items() if typed[there][0] != "string" for word in found}
    columns, reserved = [], sql_fault.words(engine.rows)
    for there, name in names.columns(list(types)).items():
        if there in seen:
            type_, why = typed[there]
            missing = tuple(word for word in words.get(there, ()) if type_ != "string" or word in sure)
            if not csv and type_ != "string":
                type_, why = (
                    "string",
                    f"text that looks like {type_}: have it typed at the source, or cast it in SQL",
                )
            look = next((look for look in ("uuid", "email") if _all(seen[there], look)), "")
            columns.append(Found(there, name, type_, why, look, missing))
        else:
            columns.append(Found(there, name, *_of_type(types[there])))
    return [replace(column, quoted=column.name.lower() in reserved) for column in columns]


def named(found: Sequence[Found], names: Sequence[str]) -> list[Found]:
    """Those that people name, as in the file or as in a contract. Raises ContractError CT022."""
    known = {each: column for column in found for each in (column.name, column.there)}
    for name in names:
        if name not in known:
            there = [column.there for column in found]
            text = f"the file has no column {name!r}, {nearest(name, there)}"
            raise ContractError("CT022", text, "name columns as its first line has them")
    return [column for column in found if {column.name, column.there} & set(names)]


def _of_type(type_: str) -> tuple[str, str]:
    """The logicalType for a type of a parquet file, and why."""
    if type_ in ZONED:
        return "timestamp", "times with a zone in the file: they become UTC"
    if type_ == UNTYPED:
        return "string", EMPTY
    if kind := kind_of(type_):
        return kind, ""
    return "", f"{type_} is no type of a contract; have it delivered as text or numbers if you need it"


def _all(seen: Mapping[str, int], look: str) -> bool:
    return 0 < seen[""] == seen.get(look)


def _of_text(engine: Engine, table: str, name: str, seen: Mapping[str, int]) -> tuple[str, str]:
    """The logicalType for a column of text, and why."""
    cell = quoted_name(name)
    if not seen[""]:
        return "string", EMPTY
    if _all(seen, "boolean") and _are_opposites(engine, table, cell):
        return "boolean", ""
    # 12E4 is a code among whole numbers, and a number among those with fractions.
    lost = "code" if seen.get("code") else "power" if seen.get("power") and not seen.get("fraction") else ""
    if _all(seen, "number") and lost:
        ((code,),) = engine.rows(f"select min({cell}) from {table} where {looks.is_so(cell, lost)}")
        return "string", f"text: a number would lose signs of {code.strip()}"
    if _all(seen, "whole") and not _all(seen, "integer"):
        return "string", "text: some have more digits than a whole number of 64 bits"
    for kind in ("integer", "number", "date", "timestamp"):
        if _all(seen, kind):
            return kind, "each time says that it is UTC" if kind == "timestamp" and _all(seen, "utc") else ""
    return "string", _near(engine, table, cell, seen)


def _amount(engine: Engine, table: str, cell: str) -> str:
    """How amounts of money, or numbers with commas between thousands, become numbers."""
    asked = f"select max(regexp_extract({cell}, '[$€£¥]')), bool_or(contains({cell}, ',')) from {table}"
    ((sign, commas),) = engine.rows(asked)
    number = f"replace({cell}, '{sign}', '')" if sign else cell
    number = f"replace({number}, ',', '')" if commas else number
    what = " and ".join(filter(None, (sign, "commas between thousands" if commas else "")))
    return f"numbers with {what}: have them written without, or use cast({number} as double) in SQL"


def _are_opposites(engine: Engine, table: str, cell: str) -> bool:
    """Whether the words are true and false, or such as come with their opposites: yes and no."""
    words = {word for (word,) in engine.rows(f"select distinct lower({cell}) from {table}") if word}
    return all(OPPOSITES.get(word) in words or word in ("true", "false") for word in words)


def _near(engine: Engine, table: str, cell: str, seen: Mapping[str, int]) -> str:
    """What nearly all cells, or all but in another form, look like."""
    if _all(seen, "zoned"):
        return "times with a zone: have them written in UTC, as 2024-01-01T00:00:00Z, or convert them in SQL"
    if _all(seen, "amount"):
        return _amount(engine, table, cell)
    if _all(seen, "comma"):
        return "numbers with a decimal comma: have them written with a point, or convert them in SQL"
    if forms := [form for form in looks.DAY_FORMS if _all(seen, form)]:
        also = f" or {forms[1]}: nobody can tell which" if len(forms) > 1 else ""
        only = "" if portable.DAY_FORM.fullmatch(forms[0]) else NOT_PORTABLE
        return f"days as {forms[0]}{also}; have them written as 2024-01-31, or use strptime in SQL{only}"
    for kind in ("integer", "number", "date", "timestamp"):
        if seen.get(kind):
            others = f"{cell} is not null and not coalesce({looks.is_so(cell, kind)}, false)"
            counts = (
                f"select {cell}, count(*) from {table} where {others} group by 1 order by 2 desc, 1 limit 3"
            )
            shown = ", ".join(f"{word[:20]!r} ({times:,})" for word, times in engine.rows(counts))
            said = f"{kind} but for {shown}: have null written as an empty cell, or use try_cast in SQL"
            return said + NOT_PORTABLE
    return ""
