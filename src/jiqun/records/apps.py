"""The Django application `records`."""

from __future__ import annotations

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "jiqun.records"
    label = "records"
    verbose_name = "报表"
    default_auto_field = "django.db.models.BigAutoField"
