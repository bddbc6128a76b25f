"""Start Spark, with the settings that the meaning of a statement depends on.

In:       the name of the application; JAVA_HOME, or SPARK_REMOTE for Spark Connect.
Out:      a session.
Failure:  SettingsError CF007 (Java is missing, Spark does not start).
"""

import os
import shutil
import sys

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from ..errors import SettingsError, first_line

SETTINGS = {  # what statements mean must not depend on a cluster's own settings
    "spark.sql.ansi.enabled": "true",  # a cast that cannot be made is an error, not a null
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.parquet.filterPushdown": "false",  # the statistics of a file leave NaN out
    "spark.sql.legacy.parquet.nanosAsLong": "true",  # else it does not read what pandas writes
    "spark.log.level": "FATAL",  # what goes wrong is raised
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def start(title: str) -> SparkSession:
    """A session; `title` is what Spark calls the application."""
    remote = os.environ.get("SPARK_REMOTE")
    if not (remote or os.environ.get("JAVA_HOME") or shutil.which("java")):
        hint = "install a Java runtime (17 or later), or set SPARK_REMOTE to a Spark Connect server"
        raise SettingsError("CF007", "Spark cannot be used: there is no Java", hint)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # of local executors: this environment
    builder = SparkSession.builder.appName(title)
    for name, value in SETTINGS.items():
        if name.startswith("spark.sql.") or not remote:  # the others are those of the process that runs it
            builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except PySparkException as error:
        hint = f"look at SPARK_REMOTE ({remote})" if remote else "look at JAVA_HOME and Spark's own settings"
        raise SettingsError("CF007", f"Spark does not start: {first_line(error)}", hint) from None
