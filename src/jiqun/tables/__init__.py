"""Files of tables: xlsx, xls and csv in, whatever their state; xlsx and csv out."""

from jiqun.tables.reading import read
from jiqun.tables.workbook import Cell, Merge, Sheet, Value, Workbook

__all__ = ["Cell", "Merge", "Sheet", "Value", "Workbook", "read"]
