"""Files of tables: xlsx, xls and csv in, whatever their state; xlsx and csv out (`xlsx.write`, `delimited.write`)."""

from jiqun.tables import delimited, xlsx
from jiqun.tables.numbers import Reading, day, is_missing, number, period
from jiqun.tables.reading import read
from jiqun.tables.records import Columns, Head, Record, Records, find_head, records
from jiqun.tables.workbook import Cell, Merge, Sheet, Value, Workbook

__all__ = [
    "Cell",
    "Columns",
    "Head",
    "Merge",
    "Reading",
    "Record",
    "Records",
    "Sheet",
    "Value",
    "Workbook",
    "day",
    "delimited",
    "find_head",
    "is_missing",
    "number",
    "period",
    "read",
    "records",
    "xlsx",
]
