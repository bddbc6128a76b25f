"""The picture of a run: boxes that do not overlap, each to the right of all that it is made from."""

from itertools import combinations

import pytest

from datadevops.reports import flow
from datadevops.reports.flow import DOWN, HEIGHT, WIDTH

TABLES = {
    "one table": {"source": []},
    "a step": {"source": [], "features": ["source"]},
    "a table that is only read": {"features": ["weather"]},
    "a short way and a long way": {
        "areas": [],
        "source": [],
        "hourly": ["source"],
        "labels": ["source"],
        "features": ["areas", "hourly"],
    },
    "in an order of its own": {"c": ["b"], "b": ["a"], "a": [], "d": ["a", "c"]},
}


@pytest.fixture(params=TABLES.values(), ids=TABLES)
def made_from(request):
    return request.param


@pytest.fixture
def picture(made_from):
    return flow.of({table: {"from": read} for table, read in made_from.items()})


@pytest.fixture
def boxes(picture):
    return {box.table: box for box in picture.boxes}


def test_each_table_has_one_box(picture, made_from):
    names = [box.table for box in picture.boxes]

    assert sorted(names) == sorted({*made_from}.union(*made_from.values()))


def test_a_table_stands_right_of_all_that_it_is_made_from(boxes, made_from):
    for table, read in made_from.items():
        nearest = max((boxes[each].x + WIDTH for each in read), default=None)

        assert boxes[table].x == 0 if nearest is None else boxes[table].x > nearest


def test_no_box_overlaps_another(boxes):
    for one, other in combinations(boxes.values(), 2):
        assert abs(one.x - other.x) > WIDTH or abs(one.y - other.y) >= HEIGHT + DOWN


def test_the_picture_ends_where_its_boxes_end(picture):
    assert min(box.x for box in picture.boxes) == min(box.y for box in picture.boxes) == 0
    assert picture.width == max(box.x for box in picture.boxes) + WIDTH
    assert picture.height == max(box.y for box in picture.boxes) + HEIGHT


def test_each_column_stands_in_the_middle(picture):
    for x in {box.x for box in picture.boxes}:
        column = [box.y for box in picture.boxes if box.x == x]

        assert min(column) == picture.height - (max(column) + HEIGHT)


def test_a_line_goes_from_the_right_side_of_what_is_read_to_the_left_side(picture, boxes, made_from):
    middle = HEIGHT // 2

    assert sorted(picture.lines) == sorted(
        (boxes[one].x + WIDTH, boxes[one].y + middle, boxes[table].x, boxes[table].y + middle)
        for table, read in made_from.items()
        for one in read
    )
