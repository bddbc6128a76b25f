"""What a cell of a wrong type is, in words, and never its value: that may be personal.

In:       the cell as it was sent, the type of its column, msgspec's message about it.
Out:      a few words, such as "a day without a time".
Failure:  none.
"""

import re

KINDS = {  # as msgspec calls them
    "str": "text",
    "int": "a whole number",
    "float": "a number with a fraction",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
}
DAY = r'"[0-9]{4}-[0-9]{2}-[0-9]{2}'
MINUTE = rf"{DAY}[T ][0-9]{{2}}:[0-9]{{2}}"
FORMS = {  # logicalType -> pattern of JSON -> words; RFC 3339 has a time in each date-time, with seconds
    "timestamp": {
        rf'{DAY}"': "a day without a time",
        rf'{MINUTE}([Zz]|[+-][0-9:]+)?"': "a time without seconds",
        rf'{MINUTE}:[0-9.]+([Zz]|[+-][0-9:]+)"': "a time with a zone",
    },
    "date": {rf"{MINUTE}.*": "a day with a time"},
}


def words(cell: str, type_: str, fault: str) -> str:
    """What `cell` is, which is JSON.

    >>> words('"2024-01-31"', "timestamp", "Invalid RFC3339 encoded datetime")
    'a day without a time'
    >>> words("1.5", "integer", "Expected `int`, got `float`")
    'a number with a fraction'
    """
    if named := re.search("got `([a-z]+)`", fault):
        return KINDS.get(named[1], named[1])
    forms = FORMS.get(type_, {}).items()
    return next((said for form, said in forms if re.fullmatch(form, cell.strip())), "text of another form")
