"""The service of a product against a raw ASGI app, and MLflow and BentoML, on the same model.

    uv run --project PRODUCT python benchmarks/serving.py              # against the raw app
    uv run --project PRODUCT python benchmarks/serving.py --peers      # also MLflow and BentoML
    uv run --project PRODUCT python benchmarks/serving.py --soak 10    # ten minutes of mixed load

In:       the Python of a baked product, Linux, wrk on the PATH.
Out:      server CPU a request as ratios, best of the rounds; start, memory, latency.
Failure:  exit code 3, NOT RUN, where wrk is missing.
"""

import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import closing, suppress
from pathlib import Path

(SOURCE,) = Path(sys.prefix).parent.glob("src/*/kit/engine.py")
PACKAGE, PRODUCT = SOURCE.parents[1].name, Path(sys.prefix).parent
TICK = os.sysconf("SC_CLK_TCK")
ROWS = (1, 100)

RAW = """
import json, sys
import msgspec, numpy as np, onnxruntime, uvicorn
from typing import Literal
model, facts, port = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
names = list(facts["inputs"])
codes = {n: {v: float(i) for i, v in enumerate(e)} for n, e in facts["inputs"].items() if e}
fields = [(n, (Literal[tuple(codes[n])] if n in codes else float) | None, None) for n in names]
Row = msgspec.defstruct("Row", fields, gc=False)
Body = msgspec.defstruct("Body", [("rows", list[Row])])
class Prediction(msgspec.Struct, gc=False):
    probability: float
    decision: bool
class Answer(msgspec.Struct, gc=False):
    model_version: str
    threshold: float
    predictions: list[Prediction]
decode, encode = msgspec.json.Decoder(Body).decode, msgspec.json.Encoder().encode
nan, limit = float("nan"), facts["threshold"]
def cell(name, value):
    return nan if value is None else codes[name][value] if name in codes else value
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    x = [[cell(name, getattr(row, name)) for name in names] for row in decode(body).rows]
    (table,) = session.run(["probabilities"], {"x": np.array(x, dtype=np.float32)})
    found = [Prediction(p, p >= limit) for p in table[:, 1].tolist()]
    out = encode(Answer("v1", limit, found))
    about = [(b"content-length", b"%d" % len(out)), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": about})
    await send({"type": "http.response.body", "body": out})
uvicorn.run(app, port=port, access_log=False, log_level="error", lifespan="off")
"""
# The product without metrics and drift: what telling of itself costs.
SILENT = """
import sys
from importlib import import_module
package = sys.argv.pop(1)
telemetry, drift = (import_module(f"{package}.kit.{name}") for name in ("telemetry", "drift"))
class Nothing:
    registry = None
    def __getitem__(self, name): return self
    def __getattr__(self, name): return lambda *values: self
telemetry.Metrics = Nothing
telemetry.trace = lambda headers, fixed=telemetry.trace({}): fixed
drift.Window.add = lambda self, x: None
import_module(f"{package}.cli").main()
"""
MLFLOW = """
import sys, onnx, mlflow.onnx
mlflow.onnx.save_model(onnx.load(sys.argv[1]), sys.argv[2])
"""
BENTO = """
import os
import bentoml, numpy as np, onnxruntime
@bentoml.service(workers=1)
class Model:
    def __init__(self):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        model, providers = os.environ["MODEL"], ["CPUExecutionProvider"]
        self.session = onnxruntime.InferenceSession(model, options, providers=providers)
    @bentoml.api
    def predict(self, x: np.ndarray) -> np.ndarray:
        return self.session.run(["probabilities"], {"x": x.astype(np.float32)})[0]
"""
LUA = """
local bodies, at = {%s}, 0
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
function request() at = at %% #bodies + 1; return wrk.format(nil, nil, nil, bodies[at]) end
"""


class Server:
    """A process that answers, measured from outside with all its children."""

    def __init__(self, words: list[str], path: str, ready: str, **environment: str) -> None:
        self.url, started = f"http://127.0.0.1:{(port := free_port())}{path}", time.monotonic()
        words = [word.replace("{port}", str(port)) for word in words]
        self.process = subprocess.Popen(
            words,
            env=os.environ | environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while not answers(ready.replace("{port}", str(port))):
            if self.process.poll() is not None or time.monotonic() - started > 120:
                self.close()
                raise SystemExit(f"did not start: {' '.join(words)}")
            time.sleep(0.02)
        self.start_seconds = self.cpu_seconds()

    def pids(self) -> list[int]:
        """The process and what it started, and what that started."""
        found = [self.process.pid]
        parents = {int(path.name): int(stat(path.name)[1]) for path in Path("/proc").glob("[0-9]*")}
        for pid in found:
            found.extend(child for child, parent in parents.items() if parent == pid)
        return found

    def cpu_seconds(self) -> float:
        return sum(sum(map(int, stat(pid)[11:13])) for pid in self.pids()) / TICK

    def megabytes(self) -> float:
        pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.pids()]
        return sum(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def close(self) -> None:
        started = self.pids()
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(20)
        for pid in started:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def stat(pid: int | str) -> list[str]:
    """The fields of /proc/PID/stat from the state on; none where the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return ["X"] + ["0"] * 20


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def answers(url: str) -> bool:
    """Whether anything but 503 comes back from `url`."""
    try:
        urllib.request.urlopen(url, timeout=1).close()  # noqa: S310 - a port of our own
    except urllib.error.HTTPError as error:
        return error.code != 503
    except OSError:
        return False
    return True


def load(
    url: str, bodies: list[str], seconds: float, connections: int = 8, pause_ms: float = 0
) -> dict:
    """What wrk says: requests, errors, latency in ms."""
    quoted = ", ".join(f"[==[{body}]==]" for body in bodies)
    script = LUA % quoted + (f"function delay() return {pause_ms:.0f} end" if pause_ms else "")
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        words = f"wrk -t1 -c{connections} -d{seconds:.0f}s --latency -s {file.name} {url}".split()
        text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    unit = {"us": 0.001, "ms": 1, "s": 1000}
    percentiles = re.findall(r"(50|99)%\s+([\d.]+)(us|ms|s)", text)
    failed = re.findall(r"(?:Non-2xx or 3xx responses: |connect |read |write |timeout )(\d+)", text)
    return {
        "requests": int(re.search(r"(\d+) requests in", text)[1]),
        "errors": sum(map(int, failed)),
        "rate": float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]),
        **{f"p{share}": float(value) * unit[name] for share, value, name in percentiles},
    }


def cost(running: Server, body: str, seconds: float) -> float:
    """Microseconds of CPU a request."""
    before = running.cpu_seconds()
    told = load(running.url, [body], seconds)
    if told["errors"]:
        raise SystemExit(f"{running.url}: {told['errors']} errors of {told['requests']}")
    return (running.cpu_seconds() - before) / told["requests"] * 1e6


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--peers", action="store_true", help="install and measure MLflow, BentoML")
    asked.add_argument("--soak", type=float, metavar="MINUTES", help="mixed load, many reloads")
    asked.add_argument("--seconds", type=float, default=4, help="of each measurement")
    asked.add_argument("--rounds", type=int, default=3)
    options = asked.parse_args()
    if not shutil.which("wrk"):
        print("NOT RUN: wrk is missing; Debian: apt-get install wrk", file=sys.stderr)
        return 3
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        os.environ[f"{PACKAGE.upper()}_STORE"] = str(store)
        command = [sys.executable, "-c", f"from {PACKAGE}.cli import main; main()"]
        subprocess.run([*command, "run"], cwd=PRODUCT, check=True, stdout=subprocess.DEVNULL)
        (manifest,) = store.glob("models/*/manifest.json")
        bodies = requests(store)
        if options.soak:
            return soak(command, store, bodies, options.soak)
        compare(command, manifest, bodies, options)
    return 0


def requests(store: Path) -> dict[int, list[dict]]:
    """{n: n rows as a caller sends them}"""
    sys.path.insert(0, str(PRODUCT / "src"))
    import duckdb

    (file,) = store.glob("features/*/features.parquet")
    time = "strftime(observed_at, '%Y-%m-%dT%H:%M:%S') as observed_at"
    table = duckdb.sql(f"select * replace ({time}) from '{file}' limit {max(ROWS)}")
    names = table.columns
    rows = [dict(zip(names, row, strict=True)) for row in table.fetchall()]
    return {n: rows[:n] for n in ROWS}


def serving(command: list[str]) -> dict:
    words = "serve --port {port} --management-port 0 --drain-seconds 0".split()
    ready = "http://127.0.0.1:{port}/v1/threshold"
    return {"words": [*command, *words], "path": "/v1/predict", "ready": ready}


def compare(
    command: list[str], manifest: Path, rows: dict[int, list[dict]], options: argparse.Namespace
) -> None:
    facts, model = json.loads(manifest.read_text())["facts"], str(manifest.with_name("model.onnx"))
    needed = json.dumps({name: facts[name] for name in ("inputs", "threshold")})
    silent = [sys.executable, "-c", SILENT, PACKAGE]
    sides = {
        "raw": {
            "words": [sys.executable, "-c", RAW, model, needed, "{port}"],
            "path": "/",
            "ready": "http://127.0.0.1:{port}/",
        },
        "product": serving(command),
        "silent": serving(silent),
    }
    ours = {n: json.dumps({"rows": some}) for n, some in rows.items()}
    bodies = dict.fromkeys(sides, ours)
    if options.peers:
        inputs = facts["inputs"]
        x = {
            n: [[number(row[name], inputs[name]) for name in inputs] for row in some]
            for n, some in rows.items()
        }
        peers = install_peers(Path(model))
        sides |= peers
        bodies["mlflow"] = {n: json.dumps({"inputs": {"x": each}}) for n, each in x.items()}
        bodies["bentoml"] = {n: json.dumps({"x": each}) for n, each in x.items()}
    best: dict[tuple[str, int], float] = {}
    start: dict[str, float] = {}
    memory: dict[str, float] = {}
    half = {}
    for _ in range(options.rounds):
        for name, side in sides.items():
            with closing(Server(**side)) as running:
                start[name] = min(start.get(name, 1e9), running.start_seconds)
                for n, body in bodies[name].items():
                    load(running.url, [body], 1)
                    found = cost(running, body, options.seconds)
                    best[name, n] = min(best.get((name, n), 1e9), found)
                memory[name] = max(memory.get(name, 0), running.megabytes())
                if name == "product":
                    one = bodies[name][1]
                    capacity = load(running.url, [one], options.seconds, 32)["rate"]
                    pause = 32 / (capacity / 2) * 1000
                    told = load(running.url, [one], options.seconds, 32, pause)
                    if not half or told["p99"] / told["p50"] < half["p99"] / half["p50"]:
                        half = told | {"share": told["rate"] / capacity}
    for name in sides:
        mine = {n: (best[name, n], best[name, n] / best["raw", n]) for n in ROWS}
        costs = ", ".join(f"{n} rows {us:.0f} us ({x:.2f} x raw)" for n, (us, x) in mine.items())
        print(f"{name:8} {costs}, start {start[name]:.2f} s CPU, {memory[name]:.0f} MB")
    for n, aim in ((1, 2.0), (100, 1.3)):
        ratio = best["product", n] / best["raw", n]
        print(f"ratio product / raw, {n} rows: {ratio:.2f} (aim: at most {aim})")
    for n in ROWS:
        told = best["product", n] / best["silent", n] - 1
        print(f"metrics and logging add {told:.1%} to {n} rows (aim: at most 10 %)")
    for name, aim in (("mlflow", 8), ("bentoml", 15)):
        if name in sides:
            ratio = best[name, 1] / best["product", 1]
            print(f"ratio {name} / product, 1 row: {ratio:.1f} (aim: at least {aim})")
    print(f"start {start['product']:.2f} s CPU (aim: 1.5), {memory['product']:.0f} MB (aim: 130)")
    ratio = half["p99"] / half["p50"]
    load_, figures = f"{half['share']:.0%} of capacity", f"{half['p99']:.2f} / {half['p50']:.2f} ms"
    print(f"p99 / p50 at {load_}: {figures} = {ratio:.1f} (aim: below 5)")


def number(value: object, enum: list) -> float:
    """A cell as the other servers take it: they know no contract, so it is coded before."""
    return float(enum.index(value)) if value in enum else float(value or 0)


def install_peers(model: Path) -> dict[str, dict]:
    """MLflow and BentoML in environments that go with the folder of the store."""
    folder = model.parents[3]
    python = {}
    for name, packages in (
        ("mlflow", "mlflow onnx onnxruntime"),
        ("bentoml", "bentoml onnxruntime"),
    ):
        subprocess.run(["uv", "venv", "-q", folder / name], check=True)
        python[name] = str(folder / name / "bin" / "python")
        install = ["uv", "pip", "install", "-q", "--python", python[name], *packages.split()]
        subprocess.run(install, check=True)
    saved = str(folder / "saved")
    save = [python["mlflow"], "-c", MLFLOW, str(model), saved]
    subprocess.run(save, check=True, capture_output=True)
    (folder / "peer_service.py").write_text(BENTO)
    path = f"{folder / 'mlflow' / 'bin'}:{os.environ['PATH']}"
    return {
        "mlflow": {
            "words": [
                *(python["mlflow"], "-m", "mlflow", "models", "serve"),
                *("-m", saved, "-p", "{port}", "--env-manager", "local", "-w", "1"),
            ],
            "path": "/invocations",
            "ready": "http://127.0.0.1:{port}/ping",
            "PATH": path,
        },
        "bentoml": {
            "words": [
                *(python["bentoml"], "-m", "bentoml", "serve", "peer_service:Model"),
                *("-p", "{port}", "--working-dir", str(folder)),
            ],
            "path": "/predict",
            "ready": "http://127.0.0.1:{port}/readyz",
            "MODEL": str(model),
        },
    }


def soak(command: list[str], store: Path, rows: dict[int, list[dict]], minutes: float) -> int:
    """Mixed load at half capacity while two versions take turns as champion."""
    other = make_another(command, store)
    bodies = [json.dumps({"rows": rows[1]})] * 9 + [json.dumps({"rows": rows[100]})]
    with closing(Server(**serving(command))) as running:
        capacity = load(running.url, bodies, 10, 16)["rate"]
        pause = 16 / (capacity / 2) * 1000
        turns = [*other]
        requests = errors = reloads = 0
        early = 0.0
        end = time.monotonic() + minutes * 60
        while time.monotonic() < end:
            turns.reverse()
            promote = [*command, "models", "promote", turns[0]]
            subprocess.run(promote, check=True, stdout=subprocess.DEVNULL)
            reloads += 1
            told = load(running.url, bodies, 10, 16, pause)
            requests, errors = requests + told["requests"], errors + told["errors"]
            early = early or (running.megabytes() if requests and reloads >= 6 else 0.0)
        late = running.megabytes()
    growth = late / (early or late) - 1
    print(
        f"soak {minutes:g} min: {requests:,} requests, {errors} errors, {reloads} reloads,"
        f" memory {early:.0f} to {late:.0f} MB ({growth:+.1%}; aim: at most 5 %)"
    )
    return int(errors > 0 or growth > 0.05)


def make_another(command: list[str], store: Path) -> list[str]:
    """Two versions of the model: the champion, and one learnt from fewer rows."""
    import duckdb

    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        sample = PRODUCT / "data" / "weather.parquet"
        shorter = f"from '{sample}' where observed_at < '2013-12-24'"
        duckdb.sql(f"copy ({shorter}) to '{file.name}' (format parquet)")
        again = [*command, "run", "--source", file.name]  # it may fail its gate and is kept then
        subprocess.run(again, cwd=PRODUCT, check=False, capture_output=True)
    return sorted(path.parent.name for path in store.glob("models/*/manifest.json"))


if __name__ == "__main__":
    sys.exit(main())
