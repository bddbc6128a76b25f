"""Write the drawings of docs/pictures: how the parts belong together, and how data flows.

    python tools/make_drawings.py           # write the drawings
    python tools/make_drawings.py --check   # change nothing; name the drawings that are stale

In:       the boxes and arrows below, on a grid.
Out:      architecture.svg and data-flow.svg.
Failure:  exit code 1 if --check finds a stale drawing; KeyError for an arrow to no box.
"""

import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import NamedTuple

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
COLUMN, ROW, WIDTH, HEIGHT, MARGIN = 230, 104, 170, 64, 20  # pixels
COLOURS = {"team": "#dbeafe", "template": "#f3f4f6", "machine": "#dcfce7", "people": "#fef3c7"}


class Box(NamedTuple):
    column: float  # of the grid, from 0
    row: float
    lines: tuple[str, ...]  # the first is the name
    kind: str  # one of COLOURS

    @property
    def left(self) -> float:
        return MARGIN + self.column * COLUMN

    @property
    def top(self) -> float:
        return MARGIN + self.row * ROW


class Drawing(NamedTuple):
    title: str
    about: str
    boxes: dict[str, Box]
    arrows: list[tuple[str, str, str]]  # from, to, what it says


ARCHITECTURE = Drawing(
    "Architecture",
    "The template bakes and updates products; a product imports the kit; the checker reviews products.",
    {
        "template": Box(0, 0, ("template", "questions, files", "of every product"), "template"),
        "kit": Box(0, 1, ("kit", "a library, with all that is", "the same in every product"), "template"),
        "checker": Box(0, 2, ("datadevops-review", "rules for any repository"), "template"),
        "product": Box(1.15, 0.5, ("product", "contracts, SQL, model,", "objectives, runbooks"), "team"),
        "fleet": Box(1.15, 2, ("fleet page", "all products of", "an organisation"), "people"),
        "job": Box(2.3, 0, ("job", "run, on a schedule"), "machine"),
        "service": Box(2.3, 1, ("service", "POST /v1/predict"), "machine"),
        "store": Box(3.4, 0.5, ("store", "every version, and which", "one is in use"), "machine"),
        "monitoring": Box(2.3, 2, ("Prometheus", "rules from slo.yaml"), "machine"),
        "team": Box(3.4, 2, ("the team", "alert, runbook,", "review, rollback"), "people"),
    },
    [
        ("template", "product", "bakes, updates"),
        ("kit", "product", "is imported"),
        ("checker", "fleet", "reviews"),
        ("product", "fleet", ""),
        ("product", "job", ""),
        ("product", "service", ""),
        ("job", "store", "writes"),
        ("store", "service", "champion"),
        ("service", "monitoring", "metrics"),
        ("monitoring", "team", "alerts"),
    ],
)
DATA_FLOW = Drawing(
    "Data flow",
    "From sources to predictions that people rely on, and to the alert when they cannot.",
    {
        "sources": Box(0, 0, ("sources", "parquet, CSV, s3://"), "people"),
        "check": Box(1, 0, ("check", "each row against", "its contract"), "machine"),
        "quarantine": Box(1, 1, ("quarantine", "bad rows, with the", "rules they break"), "machine"),
        "sql": Box(2, 0, ("SQL", "features and labels"), "team"),
        "train": Box(3, 0, ("train", "on the past, to ONNX"), "team"),
        "gate": Box(3, 1, ("gate", "better than naive,", "than the champion?"), "machine"),
        "champion": Box(2, 1, ("champion", "the model in use"), "machine"),
        "predictions": Box(1, 2, ("predictions", "checked, published", "in one step"), "machine"),
        "service": Box(2, 2, ("service", "the same model and", "the same contract"), "machine"),
        "users": Box(0, 2, ("consumers", "what is promised is", "in a contract"), "people"),
        "metrics": Box(3, 2, ("metrics", "of runs and requests"), "machine"),
        "alerts": Box(3, 3, ("alerts", "when an objective", "is at risk"), "machine"),
        "team": Box(2, 3, ("the team", "runbook; rollback", "in one command"), "people"),
    },
    [
        ("sources", "check", ""),
        ("check", "quarantine", "bad"),
        ("check", "sql", "good"),
        ("sql", "train", ""),
        ("train", "gate", "candidate"),
        ("gate", "champion", "passed"),
        ("champion", "predictions", ""),
        ("champion", "service", ""),
        ("predictions", "users", ""),
        ("service", "metrics", ""),
        ("metrics", "alerts", ""),
        ("alerts", "team", ""),
    ],
)
DRAWINGS = {"architecture.svg": ARCHITECTURE, "data-flow.svg": DATA_FLOW}


def svg(drawing: Drawing) -> str:
    """The drawing as a file."""
    boxes = drawing.boxes.values()
    width = max(box.left for box in boxes) + WIDTH + MARGIN
    height = max(box.top for box in boxes) + HEIGHT + MARGIN
    head = f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" font-family="sans-serif">
<title>{drawing.title}</title>
<desc>{drawing.about}</desc>
<marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">
<path d="M0 0 8 4 0 8z"/></marker>
<rect width="100%" height="100%" fill="white"/>
"""
    arrows = (_arrow(drawing.boxes[a], drawing.boxes[b], text) for a, b, text in drawing.arrows)
    return head + "".join(line for box in boxes for line in _box(box)) + "".join(arrows) + "</svg>\n"


def _box(box: Box) -> Iterator[str]:
    shape = f'x="{box.left:g}" y="{box.top:g}" width="{WIDTH}" height="{HEIGHT}" rx="6"'
    yield f'<rect {shape} fill="{COLOURS[box.kind]}" stroke="#374151"/>\n'
    first = box.top + HEIGHT / 2 - 9 * (len(box.lines) - 1) + 5
    for number, line in enumerate(box.lines):
        style = 'font-size="12" fill="#374151"' if number else 'font-size="14" font-weight="bold"'
        place = f'x="{box.left + WIDTH / 2:g}" y="{first + 18 * number:g}" text-anchor="middle"'
        yield f"<text {place} {style}>{escape(line)}</text>\n"


def _arrow(start: Box, end: Box, text: str) -> str:
    if abs(start.column - end.column) < 0.5:  # one below the other
        x, down = start.left + WIDTH / 2, start.row < end.row
        one, two = start.top + (HEIGHT if down else 0), end.top + (0 if down else HEIGHT)
        path, place = f"M{x:g} {one:g}V{two:g}", (x + 8, (one + two) / 2 + 4, "start")
    else:
        right = start.column < end.column
        x1, x2 = start.left + (WIDTH if right else 0), end.left + (0 if right else WIDTH)
        y1, y2, middle = start.top + HEIGHT / 2, end.top + HEIGHT / 2, (x1 + x2) / 2
        path = f"M{x1:g} {y1:g}C{middle:g} {y1:g} {middle:g} {y2:g} {x2:g} {y2:g}"
        place = (middle, (y1 + y2) / 2 + (4 if y1 != y2 else -8), "middle")
    line = f'<path d="{path}" fill="none" stroke="#374151" marker-end="url(#tip)"/>\n'
    x, y, anchor = place
    style = 'font-size="11" fill="#374151" stroke="white" stroke-width="4" paint-order="stroke"'
    words = f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" {style}>{escape(text)}</text>\n'
    return line + (words if text else "")


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    made = {PICTURES / name: svg(drawing) for name, drawing in DRAWINGS.items()}
    stale = [path for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text]
    if arguments:
        print("".join(f"docs/pictures/{path.name}\n" for path in stale), end="")
        return int(bool(stale))
    PICTURES.mkdir(exist_ok=True)
    for path in stale:
        path.write_text(made[path], encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
