"""The contract of another team: unchanged, drifted, unreachable or unpinned, each told apart."""

import json
import re
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml

from datadevops.contract import odcs
from datadevops.release import code_sha256
from datadevops.upstream.answers import MOST_BYTES

PATH = "/contracts/shops.yaml?token=s3cret"
COMMENT = "# Yours: what the shops deliver.\n"


class Shops(BaseHTTPRequestHandler):
    """Another team's server: `answers` has what it does, by path."""

    def do_GET(self):
        self.server.asked.append(self.path)
        self.server.answers.get(self.path, partial(Shops.refuse, status=404))(self)

    def send(self, body, declared=None):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body) if declared is None else declared))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, status):
        self.send_response(status)
        self.end_headers()

    def redirect(self, place):
        self.send_response(302)
        self.send_header("Location", place)
        self.end_headers()

    def send_slowly(self, body):
        for byte in body:
            if self.server.stopped.wait(0.05):
                return
            self.wfile.write(bytes([byte]))

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Shops) as found:
        found.answers, found.asked, found.stopped = {}, [], threading.Event()
        thread = threading.Thread(target=found.serve_forever, daemon=True)
        thread.start()
        yield found
        found.stopped.set()
        found.shutdown()
        thread.join()


@pytest.fixture
def text(product):
    """The contract of the other team."""
    return (product.contracts / "sources" / "source.yaml").read_text(encoding="utf-8")


@pytest.fixture
def name_upstream(own):
    """name_upstream(url): the contract of the source names this upstream contract; returns its path."""

    def write(url, kind="upstreamContract", **more):
        path = own.contracts / "sources" / "source.yaml"
        entry = json.dumps({"type": kind, "url": url, **more})
        path.write_text(f"{COMMENT}{path.read_text()}\nauthoritativeDefinitions:\n  - {entry}\n")
        return path

    return write


@pytest.fixture
def ask(command, own, monkeypatch):
    """ask("--pin"): what a user of `contract upstream` sees."""
    for name in ("GITHUB_ACTIONS", "TF_BUILD"):
        monkeypatch.delenv(name, raising=False)
    return lambda *words: command("contract", "upstream", *words, product=own)


@pytest.fixture
def pinned(server, name_upstream, text, ask):
    """A source that is pinned to the contract of a server; the contract of the source."""
    server.answers[PATH] = lambda call: call.send(text.encode())
    path = name_upstream(f"http://127.0.0.1:{server.server_port}{PATH}")
    assert ask("--pin").code == 0
    return path


def state(answer):
    """The first line that a user reads, without the address."""
    return answer.out.splitlines()[0].partition(": http")[0]


def test_a_contract_that_is_still_the_same_is_unchanged(pinned, ask):
    answer = ask()

    assert (answer.code, state(answer), answer.err) == (0, "source: unchanged", "")


def test_one_that_has_drifted_is_a_warning_that_names_each_change(pinned, ask, server, text):
    changed = text.replace("version: 1.0.0", "version: 2.0.0", 1)
    column = yaml.safe_load(changed)["schema"][0]["properties"][-1]["name"]
    changed = re.sub(rf"(?s)\n      - name: {column}\n.*?(?=\n      - name: |\Z)", "\n", changed)
    server.answers[PATH] = lambda call: call.send(changed.encode())

    answer = ask()

    assert (answer.code, state(answer)) == (0, "source: DRIFTED")
    assert answer.out.splitlines()[1:3] == ["  version was 1.0.0, is 2.0.0", f"  {column}: removed"]
    assert answer.err.startswith("warning: 1 upstream contract drifted (source): ")


def test_one_whose_text_alone_has_changed_says_so(pinned, ask, server, text):
    server.answers[PATH] = lambda call: call.send(f"{text}# moved\n".encode())

    assert ask().out.splitlines()[1:] == ["  its text, and no column, limit or promise"]


@pytest.mark.parametrize("kept", [None, "schema: []\n"], ids=["no copy", "an edited copy"])
def test_without_the_copy_that_was_pinned_drift_is_known_and_its_changes_are_not(
    pinned, ask, server, own, kept
):
    copy = own.contracts / "upstream" / "source.yaml"
    copy.unlink() if kept is None else copy.write_text(kept)
    server.answers[PATH] = lambda call: call.send(b"name: other\n")

    answer = ask()

    why = "no copy is kept" if kept is None else f"{copy} is not the contract that is pinned"
    assert answer.out.splitlines()[1:] == [f"  what has changed is not known: {why}"]
    assert state(answer) == "source: DRIFTED"


def test_one_that_is_no_contract_any_more_has_drifted(pinned, ask, server):
    server.answers[PATH] = lambda call: call.send(b"<html>moved</html>")

    answer = ask()

    assert (answer.code, state(answer)) == (0, "source: DRIFTED")
    assert "what has changed is not known: it is no contract" in answer.out


def test_one_that_breaks_the_standard_is_told_with_what_is_wrong(pinned, ask, server, text):
    broken = text.replace("logicalType: string", "logicalType: strong", 1)
    server.answers[PATH] = lambda call: call.send(broken.encode())

    answer = ask()

    assert "what has changed is not known: source.yaml" in answer.out, answer.out


@pytest.mark.parametrize(
    ("does", "why"),
    [
        (lambda call: call.refuse(503), "it answers 503"),
        (lambda call: call.redirect("http://127.0.0.1:9/x?token=s3cret"), "redirects to an address without"),
        (lambda call: call.redirect("https://127.0.0.1:9/x?token=s3cret"), "refused"),
        (lambda call: call.send(b"x" * (MOST_BYTES + 1)), "it is larger than 1,000,000 bytes"),
        (lambda call: call.send(b"x", declared=100), "the answer is cut off"),
        (lambda call: call.send_slowly(b"HTTP/1.1 200 OK\r\n" * 100), "no answer within 0.5 s"),
    ],
    ids=["down for repair", "redirects to http", "redirects to https", "huge", "cut off", "slow"],
)
def test_one_that_cannot_be_read_is_not_run_and_stops_nobody(pinned, ask, server, does, why):
    server.answers[PATH] = does

    answer = ask("--timeout", "0.5" if "0.5" in why else "30")

    assert (answer.code, state(answer)) == (0, "source: UNREACHABLE")
    assert why in answer.out
    assert "warning: 1 upstream contract unreachable (source): NOT RUN" in answer.err
    assert "s3cret" not in answer.out + answer.err


def test_a_server_that_is_down_is_unreachable(pinned, ask, server):
    server.shutdown()
    server.server_close()

    answer = ask()

    assert (answer.code, state(answer)) == (0, "source: UNREACHABLE")
    assert "refused" in answer.out


def test_asked_for_by_its_name_an_unreachable_one_exits_with_3(pinned, ask, server):
    server.answers.clear()

    answer = ask("source")

    assert answer.code == 3
    assert (
        "error[CT041] NOT RUN: upstream contracts cannot be reached\n  source: http://127.0.0.1:"
        in answer.err
    )
    assert "/contracts/shops.yaml: it answers 404" in answer.err
    assert "s3cret" not in answer.out + answer.err


def test_one_without_a_digest_is_unpinned_and_nobody_asks_for_it(name_upstream, ask, server):
    name_upstream(f"http://127.0.0.1:{server.server_port}{PATH}")

    answer = ask()

    assert (answer.code, state(answer), server.asked) == (0, "source: unpinned", [])
    assert (
        "warning: 1 upstream contract unpinned (source): `shop-forecast contract upstream --pin` pins it"
        in answer.err
    )


@pytest.mark.parametrize(
    ("pipeline", "mark"),
    [("GITHUB_ACTIONS", "::warning::"), ("TF_BUILD", "##vso[task.logissue type=warning]")],
)
def test_a_pipeline_that_stays_green_shows_the_warning(pinned, ask, server, monkeypatch, pipeline, mark):
    server.answers.clear()
    monkeypatch.setenv(pipeline, "true")

    answer = ask()

    assert answer.code == 0
    assert answer.err.startswith(f"{mark}1 upstream contract unreachable (source): NOT RUN")


def test_json_has_the_same_answers(pinned, ask, server, text):
    server.answers[PATH] = lambda call: call.send(
        text.replace("version: 1.0.0", "version: 1.1.0", 1).encode()
    )

    (found,) = json.loads(ask("--json").out)

    assert (found["table"], found["state"], found["changes"]) == (
        "source",
        "drifted",
        ["version was 1.0.0, is 1.1.0"],
    )


def test_a_pin_changes_the_digest_alone_and_keeps_the_contract(pinned, own, text, ask, server):
    before = pinned.read_text()
    server.answers[PATH] = lambda call: call.send(f"{text}# moved\n".encode())

    answer = ask("--pin", "source")

    assert answer.code == 0
    assert re.sub("[0-9a-f]{64}", "", pinned.read_text()) == re.sub("[0-9a-f]{64}", "", before)
    assert pinned.read_text() != before
    assert pinned.read_text().startswith(COMMENT)
    assert (own.contracts / "upstream" / "source.yaml").read_text() == f"{text}# moved\n"
    assert state(ask()) == "source: unchanged"


@pytest.mark.parametrize(
    "entry",
    [
        "- {type: upstreamContract, url: up.yaml}",
        "- {type: upstreamContract, url: up.yaml, description: of the shops}",
        "- type: upstreamContract\n    url: up.yaml",
        "- url: >-\n      up.yaml\n    type: upstreamContract",
        "- url: up.yaml\n    type: upstreamContract # theirs\n    description: >-\n      of the\n      shops",
        "- description: 'sha256:" + 64 * "0" + " of the shops'\n    type: upstreamContract\n    url: up.yaml",
    ],
    ids=["one line", "with a description", "lines", "a folded url", "a folded description", "pinned before"],
)
def test_a_pin_is_written_into_each_way_to_write_the_entry(own, ask, text, entry):
    path = own.contracts / "sources" / "source.yaml"
    path.write_text(path.read_text() + f"\nauthoritativeDefinitions:\n  {entry}\n")
    (path.parent / "up.yaml.txt").write_text(text)
    path.write_text(path.read_text().replace("up.yaml", "up.yaml.txt"))

    assert ask("--pin").code == 0

    (found,) = yaml.safe_load(path.read_text())["authoritativeDefinitions"]
    assert re.search(r"sha256:[0-9a-f]{64}", found["description"])
    assert ("shops" in found["description"]) is ("shops" in entry)
    assert ask().out.startswith("source: unchanged: up.yaml.txt")


@pytest.mark.parametrize(
    "entry",
    [
        "- description: |\n      of the shops\n    type: upstreamContract\n    url: up.yaml",
        "- {url: &up up.yaml, type: upstreamContract, description: *up}",
    ],
    ids=["a block before other keys", "an alias"],
)
def test_an_entry_that_cannot_be_edited_stays_as_it_is_and_the_digest_is_told(own, ask, text, entry):
    path = own.contracts / "sources" / "source.yaml"
    entry = entry.replace("up.yaml", "up.yaml.txt")
    path.write_text(before := f"{path.read_text()}\nauthoritativeDefinitions:\n  {entry}\n")
    (path.parent / "up.yaml.txt").write_text(text)

    answer = ask("--pin")

    assert (answer.code, path.read_text()) == (2, before)
    assert "error[CT040]" in answer.err
    assert "write it there by hand: description: 'sha256:" in answer.err


def test_an_unreachable_one_is_not_pinned(name_upstream, ask, own):
    path = name_upstream("../../none.yaml")
    before = path.read_text()

    answer = ask("--pin")

    assert answer.code == 3
    assert "error[CT041] NOT RUN: " in answer.err
    assert "../../none.yaml: No such file or directory" in answer.err
    assert (path.read_text(), (own.contracts / "upstream").exists()) == (before, False)


def test_what_is_no_contract_is_pinned_with_a_warning(name_upstream, ask, own):
    (own.contracts / "sources" / "page.html").write_text("<html>log in first</html>")
    name_upstream("page.html")

    answer = ask("--pin")

    assert answer.code == 0
    assert answer.err == "warning: source: a later change will have no name: it is no contract\n"


def test_a_file_address_is_read(name_upstream, ask, text, tmp_path):
    (tmp_path / "up stream.yaml").write_text(text)
    name_upstream((tmp_path / "up stream.yaml").as_uri())

    assert ask("--pin").code == 0
    assert state(ask()).startswith("source: unchanged: file:")


@pytest.mark.parametrize(
    ("url", "kind", "about", "fault"),
    [
        ("http://shops.example.com/a.yaml", "upstreamContract", "", "http://shops.example.com is not read"),
        ("ftp://shops.example.com/a.yaml", "upstreamContract", "", "ftp: is not read"),
        (
            "https://me:s3cret@shops.example.com/a",
            "upstreamContract",
            "",
            "names a user at shops.",
        ),
        ("https://[bad", "upstreamContract", "", "the url is not valid"),
        ("a.yaml", "upstream-contract", "", "the type 'upstream-contract' is written upstreamContract"),
        ("a.yaml", "upstreamContract", "sha256:12ab", "the description has no whole digest"),
    ],
)
def test_an_entry_that_cannot_be_used_is_refused_without_asking_anybody(
    name_upstream, ask, url, kind, about, fault
):
    path = name_upstream(url, kind, description=about)

    answer = ask()

    assert answer.code == 2
    assert f"error[CT040] {path}: authoritativeDefinitions\n  " in answer.err
    assert fault in answer.err
    assert "s3cret" not in answer.err


def test_two_upstream_contracts_of_one_source_are_refused(name_upstream, ask):
    path = name_upstream("a.yaml")
    more = "description:\n  authoritativeDefinitions: [{type: upstreamContract, url: b.yaml}]\n"
    path.write_text(path.read_text().replace("description:\n", more, 1))

    answer = ask()

    assert answer.code == 2
    assert "2 entries of the type upstreamContract: a source has one upstream contract" in answer.err


def test_a_product_that_names_none_is_told_so(ask):
    answer = ask()

    assert (answer.code, answer.err) == (0, "")
    assert answer.out == "no contract of a source names an upstream contract\n"


def test_an_unknown_source_is_answered_with_the_nearest(pinned, ask):
    answer = ask("sorce")

    assert answer.code == 2
    assert "no source 'sorce' names an upstream contract" in answer.err
    assert "did you mean 'source'?" in answer.err


def test_the_kept_copy_is_no_contract_of_the_product_and_makes_no_data(pinned, own):
    before = code_sha256(own)

    (own.contracts / "upstream" / "source.yaml").write_text("other: text\n")

    assert list(odcs.load_sources(own.contracts)) == ["source"]
    assert code_sha256(own) == before
