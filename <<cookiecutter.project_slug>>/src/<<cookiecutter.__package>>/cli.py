"""The command line. Yours: a command of your own is one function below `app`.

@app.command()
def greet(context: cli.Context) -> None:
    print(f"hello from {cli.product_of(context).title}")
"""

from datadevops import cli

from . import PRODUCT

app = cli.application(PRODUCT)
