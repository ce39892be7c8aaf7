# ruff: noqa: RUF012 - the form Django writes
"""Which clusters stand in which areas, as the city adopted it."""

import django.db.models.deletion
from django.db import migrations, models

from jiqun.ledger import triggers


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_rounds")]

    operations = [
        migrations.CreateModel(
            name="AdoptedLayout",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=255)),
                ("version", models.PositiveIntegerField()),
                ("known_on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                ("superseded_at", models.DateTimeField(null=True)),
                ("actor", models.CharField(max_length=150)),
                ("reason", models.TextField(default="")),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "有效"), ("withdrawn", "已撤回")], default="active", max_length=16
                    ),
                ),
                ("catalogue_id", models.CharField(max_length=128)),
                ("pairs", models.JSONField(default=list)),
                ("trial", models.TextField(default="")),
                ("points", models.CharField(max_length=64)),
                ("best_points", models.CharField(default="", max_length=64)),
                ("folder_digest", models.CharField(max_length=64)),
                (
                    "event",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.event"),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("key", "version"), name="adoptedlayout_version"),
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at__isnull", True)),
                        fields=("key",),
                        name="adoptedlayout_current",
                    ),
                ],
            },
        ),
        migrations.RunPython(triggers.install, migrations.RunPython.noop),
    ]
