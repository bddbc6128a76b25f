"""What the physical type of a column, in the dialect of its server, says about its values.

In:       a physicalType as `NUMBER(38,0)`, the type of the server.
Out:      the logical types that it can carry, the most natural first.
Failure:  none: a type that no dialect knows, such as a domain, says nothing.
"""

import re
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

DIALECTS = {"postgresql": "postgres", "cloudsql": "postgres", "sqlserver": "tsql", "synapse": "tsql"}
COMMON = ("duckdb", "postgres", "snowflake", "bigquery", "tsql", "clickhouse", "mysql")
TYPE = exp.DataType.Type
WHOLE = {*exp.DataType.INTEGER_TYPES, TYPE.SERIAL, TYPE.BIGSERIAL, TYPE.SMALLSERIAL}
CARRIED = {
    ("string",): {*exp.DataType.TEXT_TYPES, TYPE.BPCHAR, TYPE.UUID, TYPE.XML, TYPE.INET, TYPE.IPADDRESS}
    | {each for each in TYPE if each.name.startswith("ENUM")},
    ("integer", "number", "boolean"): {TYPE.TINYINT, TYPE.UTINYINT},
    ("boolean",): {TYPE.BOOLEAN, TYPE.BIT},
    ("integer", "number"): WHOLE,
    ("number", "integer"): {TYPE.DECIMAL, TYPE.BIGDECIMAL},
    ("number",): {*exp.DataType.REAL_TYPES, TYPE.MONEY, TYPE.SMALLMONEY},
    ("date",): {TYPE.DATE, TYPE.DATE32},
    ("time",): {TYPE.TIME, TYPE.TIMETZ},
    ("timestamp", "date"): exp.DataType.TEMPORAL_TYPES,
    ("object", "string"): {TYPE.JSON, TYPE.JSONB},
    ("array",): {*exp.DataType.ARRAY_TYPES},
    ("object",): {*exp.DataType.NESTED_TYPES, TYPE.OBJECT, TYPE.VARIANT},
    ("vector",): {TYPE.VECTOR},
    ("binary",): {TYPE.BINARY, TYPE.VARBINARY, TYPE.BLOB, TYPE.LONGBLOB, TYPE.MEDIUMBLOB, TYPE.TINYBLOB}
    | {TYPE.IMAGE, TYPE.ROWVERSION, TYPE.FIXEDSTRING},
}


def carried(physical: str, server: str) -> tuple[str, ...]:
    """The logical types that the dialect of `server` sees in the type or, where that does not know it, any
    common dialect; none where no dialect knows it.

    >>> carried("NUMBER(38, 0)", "snowflake")
    ('integer', 'number')
    >>> carried("dollars", "postgres")
    ()
    """
    dialect = DIALECTS.get(server, server)
    if dialect and sqlglot.Dialect.get(dialect) and (found := _kinds(physical, dialect)):
        return found
    return tuple(dict.fromkeys(kind for each in COMMON for kind in _kinds(physical, each)))


@lru_cache(maxsize=1000)
def _kinds(physical: str, dialect: str) -> tuple[str, ...]:
    # JDBC drivers write the length of a text so; to Postgres it would be an array.
    written = re.sub(r"^(\w*char\w*|text)\[(\d+)\]$", r"\1(\2)", physical.strip(), flags=re.IGNORECASE)
    try:
        found = exp.DataType.build(written, dialect=dialect)
    except (SqlglotError, ValueError):
        return ()
    if found.this == TYPE.LOWCARDINALITY and found.expressions:
        found = found.expressions[0]
    kinds = next((kinds for kinds, types in CARRIED.items() if found.this in types), ())
    sizes = [int(each.name) for each in found.expressions if each.name.isdecimal()]
    if kinds == ("number", "integer") and sizes:  # a precision alone means no decimals
        return ("integer", "number") if len(sizes) == 1 or not sizes[1] else ("number",)
    return kinds
