# ruff: noqa: RUF012 - the form Django writes
"""A claim knows the cell of the table it stands in, and whether the table calls it binding."""

from django.db import migrations, models

from jiqun.ledger import triggers


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_suggestions")]

    operations = [
        migrations.AddField("claim", "cell", models.TextField(default="")),
        migrations.AddField("claim", "binding", models.BooleanField(null=True)),
        migrations.RunPython(triggers.install, migrations.RunPython.noop),
    ]
