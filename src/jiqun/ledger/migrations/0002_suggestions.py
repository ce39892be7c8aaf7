# ruff: noqa: RUF012 - the form Django writes
"""A claim knows the model that pointed at it."""

from django.db import migrations, models

from jiqun.ledger import triggers


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_ledger")]

    operations = [
        migrations.AddField("claim", "suggested_by", models.CharField(default="", max_length=128)),
        migrations.RunPython(triggers.install, migrations.RunPython.noop),
    ]
