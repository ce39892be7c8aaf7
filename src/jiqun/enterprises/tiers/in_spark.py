"""Tiers on Spark, for a register that has outgrown one machine; optional (`pip install jiqun[spark]`)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jiqun.enterprises.tiers.in_sql import statement
from jiqun.enterprises.tiers.rule import TierRule
from jiqun.model.errors import EnvironmentFailed

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_VIEW = "firms"


def session(master: str = "local[2]") -> SparkSession:
    """The running session, or a new one that keeps to this machine. Raises EnvironmentFailed without Spark or Java."""
    missing = unavailable()
    if missing:
        raise EnvironmentFailed(missing)
    from pyspark.sql import SparkSession  # noqa: PLC0415 - optional and slow to load

    builder = SparkSession.builder.master(master).appName("jiqun")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "4",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def unavailable() -> str:
    """Why Spark cannot run here, in a sentence for a person; empty where it can."""
    try:
        import pyspark  # noqa: F401, PLC0415
    except ImportError:
        return "没有安装 Spark：pip install 'jiqun[spark]'"
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java") or (home and (Path(home) / "bin" / "java").exists()):
        return ""
    return "Spark 需要 Java 运行环境：apt-get install default-jre-headless"


def classified(frame: DataFrame, rules: Sequence[TierRule], keep: Sequence[str] = ()) -> DataFrame:
    """As `in_polars.classified`, name for name and row by row."""
    frame.createOrReplaceTempView(_VIEW)
    return frame.sparkSession.sql(statement(_VIEW, frame.columns, rules, keep, "spark").sql("spark"))
