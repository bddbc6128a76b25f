"""This machine may call; others need a token, and tokens change without a restart."""

import os
from hashlib import sha256

import pytest

from datadevops.errors import SettingsError
from datadevops.service import access


def line(token, whose="somebody"):
    return f"{sha256(token.encode()).hexdigest()}  {whose}\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "tokens.sha256"
    path.write_text("# callers\n" + line("first"))
    return path


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_this_machine_is_open(host):
    access.require_tokens(host, tokens=None, anonymous=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "example.com"])  # noqa: S104
def test_another_address_needs_tokens_or_the_anonymous_option(host, file):
    access.require_tokens(host, tokens=file, anonymous=False)
    access.require_tokens(host, tokens=None, anonymous=True)

    with pytest.raises(SettingsError, match=r"CF002.*reached from other machines"):
        access.require_tokens(host, tokens=None, anonymous=False)


@pytest.mark.parametrize(
    ("text", "message"),
    {
        "nothing": ("", "contains no hash"),
        "comments only": ("# none yet\n", "contains no hash"),
        "a token itself": ("swordfish\n", "entry 1 is not a SHA-256 hash"),
        "a token that was never set": (line("first") + line(""), "entry 2 is the hash of an empty token"),
        "a cut line": (line("first") + line("second")[:40], "entry 2 is not a SHA-256 hash"),
    }.values(),
)
def test_a_file_without_valid_hashes_is_refused(tmp_path, text, message):
    (tmp_path / "tokens").write_text(text)

    with pytest.raises(SettingsError, match=message) as refused:
        access.hashes(tmp_path / "tokens")

    assert "swordfish" not in str(refused.value)


@pytest.mark.parametrize(
    "shown", [b"", b"Bearer", b"Bearer wrong", b"Basic first", b"first", b"Bearer first x"]
)
def test_anything_but_a_valid_token_is_refused(file, shown):
    assert not access.allows(access.hashes(file), shown)
    assert access.allows(access.hashes(file), b"bearer  first")


@pytest.mark.parametrize("shown", [b"Bearer", b"Bearer ", b"bearer   "])
def test_an_empty_token_is_no_token(shown):
    assert not access.allows([sha256(b"").digest()], shown)


def change(file, text):
    before = file.stat().st_mtime_ns
    file.write_text(text)
    os.utime(file, ns=(before + 10**9, before + 10**9))


def test_a_missing_file_is_logged_once_and_its_tokens_stay_valid(file, caplog):
    tokens = access.watched(file)
    file.unlink()

    known = [tokens() for _ in range(3)]

    assert known == [[sha256(b"first").digest()]] * 3
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_tokens_are_rotated_without_a_restart(file, start, served):
    with start(file) as running:

        def statuses():
            shown = [{}, *({"authorization": f"Bearer {token}"} for token in ("first", "second"))]
            return [running.ask(body=served.body(), **each).status for each in shown]

        alone = statuses()
        change(file, line("first") + line("second"))
        both = statuses()
        change(file, line("second"))
        later = statuses()
        change(file, "spoilt")
        spoilt = statuses()
        refused = running.ask("/openapi.json")
        open_inside = running.ask("/metrics", management=True)

    assert (alone, both) == ([401, 200, 401], [401, 200, 200])
    assert later == spoilt == [401, 401, 200]
    assert (refused.status, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert open_inside.status == 200
    assert any("previous tokens stay valid" in each["message"] for each in running.lines())
