"""Write ops/generated of the product tree, so that a new product contains what `slo render` writes.

    python tools/make_generated.py           # write the files
    python tools/make_generated.py --check   # change nothing; name the files that are stale

In:       ops/slo.yaml of the product tree, rendered for each product_type and outage_impact with names that
          can be found again in a text. The environment has the kit's dependencies and cookiecutter.
Out:      what the kit renders from it, as templates: those names are variables again, and what differs
          between answers stands in a table or in a condition.
Failure:  exit code 1 if --check finds a stale file; nothing is written then.
"""

import json
import re
import shutil
import sys
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import groupby
from os.path import commonprefix
from pathlib import Path
from tempfile import TemporaryDirectory

from cookiecutter.environment import StrictEnvironment
from cookiecutter.prompt import prompt_for_config

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "kit" / "src"))
sys.dont_write_bytecode = True  # products are baked from the kit's folder
GENERATED = ROOT / "<<cookiecutter.project_slug>>" / "ops" / "generated"
DECLARED = json.loads((ROOT / "cookiecutter.json").read_text(encoding="utf-8"))
TYPES, IMPACTS = DECLARED["product_type"], DECLARED["outage_impact"]
NAMES = {"project_slug": "found-slug", "owner_team": "found-team", "org": "found-org"}

Row = dict[str, str]  # one line of a file, by outage_impact; some impacts may not have it


def rendered(product_type: str, impact: str) -> dict[str, str]:
    """The text of each file that `slo render` writes for these answers."""
    from datadevops.ops import alerts, slo
    from datadevops.telemetry import metric, run_metrics, service_metrics

    answers = NAMES | {"product_type": product_type, "outage_impact": impact}
    context = {"cookiecutter": prompt_for_config({"cookiecutter": DECLARED | answers}, no_input=True)}
    environment = StrictEnvironment(context=context, **DECLARED["_jinja2_env_vars"])
    template = (GENERATED.parent / "slo.yaml").read_text(encoding="utf-8")
    command = NAMES["project_slug"]
    metrics = run_metrics.metrics(command)
    if product_type == "model-service":
        metrics |= service_metrics.METRICS
    with TemporaryDirectory() as folder:
        path = Path(folder, "slo.yaml")
        path.write_text(environment.from_string(template).render(context), encoding="utf-8")
        # Any value of a label is possible here; `slo check` of a product knows which ones exist.
        series = {name: dict.fromkeys(labels, ()) for name, labels in metric.series(metrics).items()}
        return alerts.render(slo.load(path, series, {}), command)


def merged(texts: dict[tuple[str, str], str]) -> str:
    """One template from the text for each product_type and outage_impact.

    >>> print(merged({("a", "high"): "x\\n5 % of b\\n", ("a", "low"): "9 % of b\\n"}), end="")
    # <% set impact = cookiecutter.outage_impact %>
    # <% filter format(*{'high': '5', 'low': '9'}[impact].split('|')) %>
    # <% if impact in ('high',) %>
    x
    # <% endif %>
    %s %% of b
    # <% endfilter %>
    """
    kinds = list(dict.fromkeys(kind for kind, _ in texts))
    impacts = list(dict.fromkeys(impact for _, impact in texts))
    parts = [of_impacts({impact: texts[kind, impact] for impact in impacts}) for kind in kinds]
    text = parts[0]
    if len(set(parts)) > 1:
        first, second = parts
        test = f"# <% if cookiecutter.product_type == '{kinds[0]}' %>"
        text = f"{test}\n{first}# <% else %>\n{second}# <% endif %>\n"
    if "[impact]" in text or "if impact in" in text:
        text = f"# <% set impact = cookiecutter.outage_impact %>\n{text}"
    names = [name for name, value in NAMES.items() if value in text]
    for name in names:
        text = text.replace(NAMES[name], f"@{name}@")  # no answer to these may contain an @
    return filtered(text, *(f"replace('@{name}@', cookiecutter.{name})" for name in names))


def filtered(text: str, *filters: str) -> str:
    """The text in a filter: one filter renders 20 times as fast as a variable at each of 200 places."""
    return f"# <% filter {' | '.join(filters)} %>\n{text}# <% endfilter %>\n" if filters else text


def of_impacts(texts: dict[str, str]) -> str:
    """One template from the text for each outage_impact. A part of a line that differs becomes %s, and each
    impact has a list of its parts."""
    rows: list[Row] = []
    for impact, text in texts.items():
        rows = list(joined(rows, impact, text.splitlines()))
    if all(len(set(row.values())) == 1 and len(row) == len(texts) for row in rows):
        return next(iter(texts.values()))
    lines: list[str] = []
    parts: dict[str, list[str]] = {impact: [] for impact in texts}
    for having, group in groupby(rows, key=tuple):
        every = len(having) == len(texts)
        lines += [] if every else [f"# <% if impact in {having} %>"]
        lines += [marked(row, parts) for row in group]
        lines += [] if every else ["# <% endif %>"]
    table = {impact: "|".join(found) for impact, found in parts.items()}
    if any("|" in part for found in parts.values() for part in found):
        raise ValueError(f"a part that differs contains the separator: {table}")
    text = "\n".join(lines) + "\n"
    if not any(table.values()):
        return text.replace("%%", "%")
    return filtered(text, f"format(*{table}[impact].split('|'))")


def joined(rows: list[Row], impact: str, new: list[str]) -> Iterator[Row]:
    """The rows with the lines of one more impact, similar lines in the same row."""
    known = [similar(next(iter(row.values()))) for row in rows]
    matcher = SequenceMatcher(None, known, [similar(line) for line in new], autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            pairs = zip(rows[start:end], new[new_start:new_end], strict=True)
            yield from (row | {impact: line} for row, line in pairs)
        else:
            yield from rows[start:end]
            yield from ({impact: line} for line in new[new_start:new_end])


def similar(line: str) -> str:
    """The same for lines that differ in numbers or far from their beginning only."""
    return re.sub(r"\d[\d.]*", "0", line)[:90]


def marked(row: Row, parts: dict[str, list[str]]) -> str:
    """The line, with %s where it differs; `parts` gets what each impact has there."""
    lines = list(row.values())
    if len(set(lines)) == 1:
        return lines[0].replace("%", "%%")
    start = beginning(lines)
    rest = [line[len(start) :] for line in lines]
    end = beginning([each[::-1] for each in rest])[::-1]
    for impact, line in zip(row, rest, strict=True):
        parts[impact].append(line[: len(line) - len(end)])
    return f"{start.replace('%', '%%')}%s{end.replace('%', '%%')}"


def beginning(lines: list[str]) -> str:
    """What all lines begin with, in whole words."""
    return re.sub(r"[\w.]*$", "", commonprefix(lines))  # noqa: RUF071  # these are no paths


def templates() -> dict[str, str]:
    """The text of each file of ops/generated in the product tree."""
    texts = {(kind, impact): rendered(kind, impact) for kind in TYPES for impact in IMPACTS}
    names = next(iter(texts.values()))
    return {name: merged({each: files[name] for each, files in texts.items()}) for name in names}


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    wanted = templates()
    if arguments:
        paths = [path for path in GENERATED.rglob("*") if path.is_file()]
        found = {path.relative_to(GENERATED).as_posix(): path.read_text(encoding="utf-8") for path in paths}
        stale = [name for name in sorted(found | wanted) if found.get(name) != wanted.get(name)]
        print("\n".join(stale), end="\n" if stale else "")
        return int(bool(stale))
    shutil.rmtree(GENERATED, ignore_errors=True)
    GENERATED.mkdir()
    for name, text in wanted.items():
        (GENERATED / name).write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
