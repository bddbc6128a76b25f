"""A page that is done from top to bottom: what is not as it says is found, and its line named."""

from pathlib import Path

import pytest

import walkthrough

PAGE = """
```sh
echo sun
mkdir -p out
echo "rain $((1 + 1))"; false
```

```text
sun
...
rain ...
exit code 1
```

In `out/a.txt`:

```diff
 one
-two
+2

+3
 three
```

`out/a.txt` says:

```text
one
2
...
three
```
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.txt").write_text("one\ntwo\n\nthree\n")
    return tmp_path


def test_a_page_that_says_what_is_so_is_done_and_its_edits_are_made(folder: Path) -> None:
    missing, shown = walkthrough.follow(PAGE, folder)

    assert missing == []
    assert shown[0] == "sun\nrain 2\nexit code 1"
    assert (folder / "out" / "a.txt").read_text() == "one\n2\n\n3\nthree\n"


def test_the_version_that_was_rolled_back_is_put_into_the_next_command(folder: Path) -> None:
    page = """
```sh
printf 'in use is 1a\\nto undo: `promote 2b`\\n'
```

```sh
echo promote VERSION
```
"""
    assert walkthrough.follow(page, folder)[1][-1] == "promote 2b"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("\nsun\n", "\nmoon\n", 9),
        ("rain ...\n", "rain 3\n", 11),
        ("rain ...\n", "rai\n", 11),
        ("exit code 1\n", "exit code 2\n", 12),
        ("...\nrain ...\nexit code 1\n", "...\n", 3),  # that it fails has to be said
        ("; false", "", 12),
        ("mkdir -p out", "false", 3),
        ("-two\n", "-zwei\n", 18),
        ("\nthree\n", "\nfour\n", 32),
        ("2\n...\n", "2\n", 31),
    ],
)
def test_what_is_not_as_the_page_says_is_found_and_its_line_named(
    old: str, new: str, line: int, folder: Path
) -> None:
    assert PAGE.count(old) == 1

    with pytest.raises(AssertionError, match=rf"^line {line}: "):
        walkthrough.follow(PAGE.replace(old, new), folder)


@pytest.mark.parametrize("block", ["```python\n1\n```", "```\nsun\n```", "Edit `a.txt`\n\n```diff\n+1\n```"])
def test_a_block_that_says_neither_what_to_do_nor_what_is_seen_is_refused(block: str) -> None:
    with pytest.raises(ValueError, match=r"^line \d: neither"):
        walkthrough.blocks(block + "\n")


def test_an_edit_that_fits_twice_is_refused(folder: Path) -> None:
    (folder / "out" / "a.txt").write_text("two\ntwo\n")

    with pytest.raises(AssertionError, match=r"^line 2: a\.txt has 2 places"):
        walkthrough.edit(folder / "out" / "a.txt", walkthrough.Block("diff", 2, ["-two", "+2"], ""))


def test_a_job_a_variable_and_a_folder_are_there_for_the_next_command(folder: Path) -> None:
    page = "```sh\nn=7; sleep 60 &\ncd out\nkill %1\necho $n $(basename $PWD)\n```\n\n```text\n7 out\n```\n"

    assert walkthrough.follow(page, folder)[0] == []


def test_what_is_not_run_is_told_and_the_rest_of_the_page_is_done(folder: Path) -> None:
    page = '```sh\necho "no tool"; (exit 3)\n```\n\n```text\nfine\n```\n\n```sh\ntouch later\n```\n'

    assert walkthrough.follow(page, folder)[0] == ["no tool\nexit code 3"]
    assert (folder / "later").exists()


def test_of_a_web_page_the_words_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        "<style>p {}</style><p>wind_<wbr>speed &gt; <code>3</code></p>\n<p>m/s</p>"
    )

    assert walkthrough.words(tmp_path / "a.html").strip() == "wind_speed > 3\nm/s"
