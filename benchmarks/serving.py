# /// script
# requires-python = ">=3.11"
# dependencies = ["duckdb>=2.0,<3"]
# ///
"""The service of this tree's product against that of an older commit, and both against a raw ASGI app.

    uv run benchmarks/serving.py [COMMIT] [--rounds 3] [--seconds 4] [--peers]

Processor time of the server for a request of 1 and of 100 rows, its start, its memory, and what a single
caller waits; the servers take turns, the best of the rounds counts. `--peers` adds MLflow and BentoML. Needs
Linux and wrk. Aim: not more than the older product; 2.0 and 1.3 times the raw app.
"""

import argparse
import json
import tempfile
from contextlib import closing
from pathlib import Path

import baked
import http_load
import served
from http_load import Server, Side

ROWS = (1, 100)


def measured(side: Side, bodies: dict[int, str], seconds: float) -> dict[str, float]:
    with closing(Server(side)) as running:
        found = {"start, s CPU": running.start_seconds}
        for n, body in bodies.items():
            http_load.load(running.url, [body], 1)  # warm
            found[f"request of {n}, us CPU"] = running.cost(body, seconds)
        alone = http_load.load(running.url, [bodies[1]], seconds, connections=1)
        found["one caller waits, us"] = alone["p50"] * 1000
        found["memory, MB"] = running.megabytes()
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("commit", nargs="?", default=baked.OLDER)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--seconds", type=float, default=4, help="of each measurement")
    asked.add_argument("--peers", action="store_true", help="install and measure MLflow and BentoML too")
    options = asked.parse_args()
    http_load.require_wrk()
    with tempfile.TemporaryDirectory() as temporary:
        products = baked.side_by_side(Path(temporary), options.commit)
        sides = {name: served.side(product) for name, product in products.items()}
        ours = products["this tree"]
        rows = {name: served.rows(product, max(ROWS)) for name, product in products.items()}
        bodies = {name: {n: json.dumps({"rows": some[:n]}) for n in ROWS} for name, some in rows.items()}
        bodies["raw app"] = bodies["this tree"]
        (manifest,) = ours.glob("store/models/*/manifest.json")
        facts, model = json.loads(manifest.read_text())["facts"], manifest.with_name("model.onnx")
        needed = json.dumps({name: facts[name] for name in ("inputs", "threshold")})
        raw = [baked.program(ours, "python"), str(Path(__file__).with_name("raw_app.py"))]
        sides["raw app"] = Side([*raw, str(model), needed, "{port}"], "/", "/")
        if options.peers:
            import serving_peers

            sides |= serving_peers.sides(model, Path(temporary))
            bodies |= serving_peers.bodies(facts["inputs"], {n: rows["this tree"][:n] for n in ROWS})
        best: dict[str, dict[str, float]] = {name: {} for name in sides}
        for _ in range(options.rounds):
            for name, side in sides.items():
                for what, figure in measured(side, bodies[name], options.seconds).items():
                    best[name][what] = min(best[name].get(what, figure), figure)
    show(best)


def show(best: dict[str, dict[str, float]]) -> None:
    ours, theirs, raw = list(best.values())[:3]
    print(f"{'':26}" + "".join(f"{name:>12}" for name in best) + "   ratio to older, to raw")
    for what, figure in ours.items():
        each = "".join(f"{figures[what]:12.2f}" for figures in best.values())
        print(f"{what:26}{each}   {figure / theirs[what]:14.2f}, {figure / raw[what]:6.2f}")
    print("aims: to older at most 1; CPU of a request to raw at most 2.0 (1 row) and 1.3 (100 rows)")


if __name__ == "__main__":
    main()
