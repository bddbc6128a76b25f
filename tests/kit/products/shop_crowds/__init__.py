"""A model service that predicts one of three classes: how crowded a shop is in the next hour."""

from datadevops import Product

PRODUCT = Product("shop_crowds", title="Shop Crowds", kind="model-service")
