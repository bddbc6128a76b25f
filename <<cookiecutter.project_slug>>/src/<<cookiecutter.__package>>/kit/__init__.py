# The template's file: edits here meet template updates (copier update merges them).
"""What every product of this template has in common. It never imports the product."""

COMMAND = __name__.split(".")[0].replace("_", "-")  # for hints that can be pasted
