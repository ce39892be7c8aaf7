# ruff: noqa: RUF012 - the form Django writes
"""In what proportion divided clusters are recast, as the city states it."""

import django.db.models.deletion
from django.db import migrations, models

from jiqun.ledger import triggers


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_adopted_layouts")]

    operations = [
        migrations.CreateModel(
            name="StatedSplit",
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
                ("from_id", models.CharField(max_length=128)),
                ("to_id", models.CharField(max_length=128)),
                ("cluster_id", models.CharField(max_length=128)),
                ("parts", models.JSONField(default=dict)),
                ("indicator_id", models.CharField(default="", max_length=128)),
                ("period", models.CharField(default="", max_length=32)),
                ("source_title", models.TextField(default="")),
                (
                    "event",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.event"),
                ),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("key", "version"), name="statedsplit_version"),
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at__isnull", True)),
                        fields=("key",),
                        name="statedsplit_current",
                    ),
                ],
            },
        ),
        migrations.RunPython(triggers.install, migrations.RunPython.noop),
    ]
