"""<< cookiecutter.project_name >>, a data product."""

from datadevops import Product

PRODUCT = Product(
    "<< cookiecutter.__package >>",
    title="<< cookiecutter.project_name >>",
    kind="<< cookiecutter.product_type >>",
)
