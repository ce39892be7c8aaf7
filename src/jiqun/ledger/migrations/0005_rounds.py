# ruff: noqa: RUF012 - the form Django writes
"""A firm can have an account, and a figure knows the round of returns it was added up from."""

from django.db import migrations, models

from jiqun.ledger import triggers

ROLES = [
    ("city_admin", "市级管理员"), ("city_editor", "市级经办人"), ("department", "责任部门"),
    ("district", "县级市（区）"), ("respondent", "填报单位"), ("viewer", "只读"), ("auditor", "审计"),
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_doubts")]

    operations = [
        migrations.AlterField("account", "role", models.CharField(choices=ROLES, default="viewer", max_length=16)),
        migrations.AddField("account", "respondent_id", models.CharField(blank=True, max_length=128, null=True)),
        migrations.AddField("observation", "round_key", models.CharField(default="", max_length=255)),
        migrations.RunPython(triggers.install, migrations.RunPython.noop),
    ]
