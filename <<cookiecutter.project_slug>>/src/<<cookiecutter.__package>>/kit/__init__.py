# The template's file: edits here meet template updates (copier update merges them).
"""What every product of this template has in common. It never imports the product."""

COMMAND = "<< cookiecutter.project_slug >>"  # for hints that can be pasted
