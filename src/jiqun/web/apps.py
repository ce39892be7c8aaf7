"""The Django application `web`."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "jiqun.web"
    label = "web"
    verbose_name = "页面"
