"""A small data pipeline, as a team would write it, for the tests of the library."""

from datadevops import Product

PRODUCT = Product("shop_statistics", title="Shop Statistics", kind="data-pipeline")
