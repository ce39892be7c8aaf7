"""Document + City → claims and tasks, every one with its span; rules of the language only, no model, no network."""

from jiqun.extraction.pipeline import Extraction, extract
from jiqun.extraction.records import as_record, system_record, task_record

__all__ = ["Extraction", "as_record", "extract", "system_record", "task_record"]
