# ruff: noqa: RUF012 - the form Django writes
"""A claim knows what speaks against it."""

from django.db import migrations, models

from jiqun.ledger import triggers


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_cells")]

    operations = [
        migrations.AddField("claim", "doubts", models.JSONField(default=list)),
        migrations.RunPython(triggers.install, migrations.RunPython.noop),
    ]
