"""<< cookiecutter.project_name >>, a data product."""
