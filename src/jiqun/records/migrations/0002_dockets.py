# ruff: noqa: RUF012 - the form Django writes
"""Items of dockets."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from jiqun.ledger import triggers


def guard(apps: Any, schema_editor: Any) -> None:
    triggers.guard(schema_editor, apps, "records", ("DocketItem",))


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0006_adopted_layouts"),
        ("records", "0001_rounds"),
    ]

    operations = [
        migrations.CreateModel(
            name="DocketItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=255)),
                ("version", models.PositiveIntegerField()),
                ("known_on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                ("superseded_at", models.DateTimeField(null=True)),
                ("actor", models.CharField(max_length=150)),
                ("reason", models.TextField(default="")),
                ("docket_id", models.CharField(max_length=128)),
                ("number", models.CharField(max_length=32)),
                (
                    "standing",
                    models.CharField(
                        choices=[("active", "有效"), ("withdrawn", "已撤回")], default="active", max_length=16
                    ),
                ),
                ("state", models.CharField(max_length=64)),
                ("step", models.CharField(default="", max_length=64)),
                ("values", models.JSONField(default=dict)),
                ("owner_kind", models.CharField(default="", max_length=8)),
                ("owner_id", models.CharField(default="", max_length=128)),
                ("opener_kind", models.CharField(max_length=8)),
                ("opener_id", models.CharField(default="", max_length=128)),
                ("body_ids", models.JSONField(default=list)),
                ("since", models.DateField()),
                ("due_on", models.DateField(null=True)),
                ("origin", models.CharField(default="web", max_length=255)),
                ("is_invented", models.BooleanField(default=False)),
                ("folder_digest", models.CharField(max_length=64)),
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
                        fields=["docket_id", "state"],
                        name="item_docket",
                    ),
                    models.Index(fields=["docket_id", "number"], name="item_number"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("key", "version"), name="docketitem_version"),
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at__isnull", True)), fields=("key",), name="docketitem_current"
                    ),
                ],
            },
        ),
        migrations.RunPython(guard, migrations.RunPython.noop),
    ]
