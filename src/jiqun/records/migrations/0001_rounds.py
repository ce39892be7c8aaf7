# ruff: noqa: RUF012 - the form Django writes
"""Rounds of forms, returns, submissions and drafts."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from jiqun.ledger import triggers


def guard(apps: Any, schema_editor: Any) -> None:
    triggers.guard(schema_editor, apps, "records", ("Round", "Return", "Submission"))


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("ledger", "0005_rounds"),
    ]

    operations = [
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=255, unique=True)),
                ("token", models.PositiveIntegerField(default=0)),
                ("cells", models.JSONField(default=dict)),
                ("explanations", models.JSONField(default=dict)),
                ("signed", models.JSONField(default=dict)),
                ("saved_by", models.CharField(max_length=150)),
                ("saved_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Return",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=255)),
                ("version", models.PositiveIntegerField()),
                ("known_on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                ("superseded_at", models.DateTimeField(null=True)),
                ("actor", models.CharField(max_length=150)),
                ("reason", models.TextField(default="")),
                ("round_key", models.CharField(max_length=191)),
                ("respondent_kind", models.CharField(max_length=8)),
                ("respondent_id", models.CharField(max_length=128)),
                ("respondent_name", models.CharField(max_length=255)),
                ("area_id", models.CharField(default="", max_length=128)),
                ("path", models.JSONField(default=list)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("due", "未报"),
                            ("submitted", "审核中"),
                            ("returned", "已退回"),
                            ("accepted", "已通过"),
                            ("locked", "已锁定"),
                            ("missing", "缺报"),
                        ],
                        default="due",
                        max_length=12,
                    ),
                ),
                ("level", models.PositiveSmallIntegerField(default=0)),
                ("turn_area_id", models.CharField(default="", max_length=128)),
                ("due_on", models.DateField()),
                ("turn_until", models.DateField(null=True)),
                ("submission_version", models.PositiveIntegerField(default=0)),
                ("accepted_version", models.PositiveIntegerField(default=0)),
                ("first_submitted_on", models.DateField(null=True)),
                ("explained", models.PositiveSmallIntegerField(default=0)),
                (
                    "event",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.event"),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(
                        condition=models.Q(("superseded_at__isnull", True)),
                        fields=["round_key", "respondent_id"],
                        name="return_roster",
                    ),
                    models.Index(
                        condition=models.Q(("state", "submitted"), ("superseded_at__isnull", True)),
                        fields=["turn_area_id", "round_key"],
                        name="return_turn",
                    ),
                    models.Index(fields=["respondent_id"], name="return_respondent"),
                    models.Index(fields=["round_key", "event"], name="return_events"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("key", "version"), name="return_version"),
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at__isnull", True)), fields=("key",), name="return_current"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Round",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=255)),
                ("version", models.PositiveIntegerField()),
                ("known_on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                ("superseded_at", models.DateTimeField(null=True)),
                ("actor", models.CharField(max_length=150)),
                ("reason", models.TextField(default="")),
                ("form_id", models.CharField(max_length=128)),
                ("period", models.CharField(max_length=32)),
                ("period_end", models.DateField()),
                (
                    "state",
                    models.CharField(choices=[("open", "填报中"), ("locked", "已锁定")], default="open", max_length=8),
                ),
                ("opens_on", models.DateField()),
                ("due_on", models.DateField()),
                ("locks_on", models.DateField()),
                ("owing", models.PositiveIntegerField()),
                ("folder_digest", models.CharField(max_length=64)),
                ("cells", models.JSONField(default=list)),
                ("layout_digest", models.CharField(max_length=64)),
                (
                    "event",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.event"),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [models.Index(fields=["form_id", "period_end"], name="round_series")],
                "constraints": [
                    models.UniqueConstraint(fields=("key", "version"), name="round_version"),
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at__isnull", True)), fields=("key",), name="round_current"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Submission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=255)),
                ("version", models.PositiveIntegerField()),
                ("known_on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                ("superseded_at", models.DateTimeField(null=True)),
                ("actor", models.CharField(max_length=150)),
                ("reason", models.TextField(default="")),
                ("round_key", models.CharField(max_length=191)),
                ("respondent_kind", models.CharField(max_length=8)),
                ("respondent_id", models.CharField(max_length=128)),
                ("layout_digest", models.CharField(max_length=64)),
                ("value_kind", models.CharField(default="preliminary", max_length=12)),
                ("cells", models.TextField(default="{}")),
                ("steps", models.TextField(default="{}")),
                ("explanations", models.JSONField(default=dict)),
                ("findings", models.JSONField(default=list)),
                ("signed", models.JSONField(default=dict)),
                ("origin", models.CharField(default="web", max_length=128)),
                (
                    "event",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.event"),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [models.Index(fields=["round_key", "respondent_id"], name="submission_round")],
                "constraints": [
                    models.UniqueConstraint(fields=("key", "version"), name="submission_version"),
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at__isnull", True)), fields=("key",), name="submission_current"
                    ),
                ],
            },
        ),
        migrations.RunPython(guard, migrations.RunPython.noop),
    ]
