"""Where the tables of a run come from, as places for a picture.

In:       each table that was made, with the tables it was made from.
Out:      a box for each table, in columns from left to right, and a line for each table that another reads.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

WIDTH, HEIGHT = 150, 34  # of a box, in units of the picture
ACROSS, DOWN = 60, 14  # between two boxes


class Box(NamedTuple):
    table: str
    x: int
    y: int


class Flow(NamedTuple):
    boxes: list[Box]
    lines: list[tuple[int, int, int, int]]  # from the right side of a box to the left side of another
    width: int
    height: int


def of(tables: Mapping[str, Mapping[str, Any]]) -> Flow:
    """The picture of these tables, at least one, each of which stands behind those that it is made `from`.

    >>> of({"features": {"from": ["weather"]}}).lines
    [(150, 17, 210, 17)]
    """
    made_from: dict[str, Sequence[str]] = {table: about["from"] for table, about in tables.items()}
    depths: dict[str, int] = {}

    def depth(table: str) -> int:
        if table not in depths:
            depths[table] = 1 + max(map(depth, made_from.get(table, ())), default=-1)
        return depths[table]

    for table, read in made_from.items():
        for each in (*read, table):
            depth(each)
    columns: dict[int, list[str]] = {}
    for table, place in depths.items():
        columns.setdefault(place, []).append(table)
    tallest = max(map(len, columns.values()))
    boxes = {}
    for place, column in columns.items():
        first = (tallest - len(column)) * (HEIGHT + DOWN) // 2  # in the middle of the picture
        for row, table in enumerate(column):
            boxes[table] = Box(table, place * (WIDTH + ACROSS), first + row * (HEIGHT + DOWN))
    lines = [
        (boxes[one].x + WIDTH, boxes[one].y + HEIGHT // 2, boxes[table].x, boxes[table].y + HEIGHT // 2)
        for table, read in made_from.items()
        for one in read
    ]
    size = len(columns) * (WIDTH + ACROSS) - ACROSS, tallest * (HEIGHT + DOWN) - DOWN
    return Flow(list(boxes.values()), lines, *size)
