"""A run whose process ended before it did is interrupted."""

from django.db import migrations, models

from jiqun.ledger import triggers


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_stated_splits")]  # noqa: RUF012 - the form Django writes

    operations = [  # noqa: RUF012
        migrations.AlterField(
            model_name="run",
            name="state",
            field=models.CharField(
                choices=[
                    ("queued", "排队"),
                    ("running", "进行中"),
                    ("done", "完成"),
                    ("failed", "失败"),
                    ("interrupted", "中断"),
                ],
                default="queued",
                max_length=16,
            ),
        ),
        migrations.RunPython(triggers.install, migrations.RunPython.noop),
    ]
