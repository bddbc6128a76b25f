"""A pipeline's steps are read from its source: which there are, what each needs, what stands beside it."""

import pytest

from datadevops.catalog import pipeline_steps
from datadevops.errors import ContractError

PIPELINES = {  # source -> (name, needs, comment) of each step
    "in order, each with what it needs and its comment": (
        """
        def run(job):
            rows = steps.read(job)  # all sources
            shops = steps.build(job, rows, "shops")
            steps.publish(job, shops, rows)
        """,
        [("read", [], "all sources"), ("build", ["read"], ""), ("publish", ["build", "read"], "")],
    ),
    "the job by another name, and by its key": (
        """
        def run(today):
            rows = read(today)
            return publish(today, of=rows)
        """,
        [("read", [], ""), ("publish", ["read"], "")],
    ),
    "the job comes first": (
        """
        def run(job, extra):
            rows = read(job)
            write(extra)
            return publish(job, rows, extra)
        """,
        [("read", [], ""), ("publish", ["read"], "")],
    ),
    "calls without the job are none": (
        """
        def run(job):
            names = sorted(shops)
            print("begins")
            rows = read(job, names)
            len(rows)
            job.progress("read")
            return rows
        """,
        [("read", [], "")],
    ),
    "in a loop over what a step gives": (
        """
        def run(job):
            for name, part in split(job):  # by shop
                build(job, name, part)
            for _ in range(3):
                wait(job)
        """,
        [("split", [], "by shop"), ("build", ["split"], ""), ("wait", [], "")],
    ),
    "in branches": (
        """
        def run(job):
            rows = read(job)
            if rows:
                with timed():
                    found = build(job, rows)
            else:
                found = job
            publish(job, found)
        """,
        [("read", [], ""), ("build", ["read"], ""), ("publish", ["build"], "")],
    ),
    "two names at once, over several lines": (
        """
        def run(job):
            good, bad = split(
                job,
                "shops",
            )  # bad ones go to quarantine
            publish(job, good)
            warn(job, bad, good)
        """,
        [
            ("split", [], "bad ones go to quarantine"),
            ("publish", ["split"], ""),
            ("warn", ["split"], ""),
        ],
    ),
    "other functions have none": (
        """
        def prepare(job):
            read(job)

        class Pipeline:
            def run(job):
                read(job)
        """,
        [],
    ),
    "a function without a job": (
        """
        def run():
            read(job)
        """,
        [("read", [], "")],
    ),
    "nothing": ("", []),
}


@pytest.mark.parametrize(("source", "steps"), PIPELINES.values(), ids=PIPELINES)
def test_a_step_is_a_call_that_gets_the_job(tmp_path, source, steps):
    path = tmp_path / "pipeline.py"
    path.write_text("\n".join(line[8:] for line in source.splitlines()), encoding="utf-8")

    assert pipeline_steps.read(path) == steps


def test_without_a_file_there_are_no_steps(tmp_path):
    assert pipeline_steps.read(tmp_path / "pipeline.py") == []
    assert pipeline_steps.read(tmp_path) == []


def test_a_file_that_python_cannot_read_is_named_with_its_line(tmp_path):
    path = tmp_path / "pipeline.py"
    path.write_text("def run(job):\n    read(job\n", encoding="utf-8")

    with pytest.raises(ContractError, match=r"CT006(?s:.*)pipeline\.py cannot be parsed: .*line 2"):
        pipeline_steps.read(path)
