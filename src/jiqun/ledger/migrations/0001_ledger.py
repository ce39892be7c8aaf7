# ruff: noqa: RUF012 - the form Django writes
"""The ledger, guarded by triggers from its first day."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from jiqun.ledger import triggers


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                ("sequence", models.BigIntegerField(primary_key=True, serialize=False)),
                ("recorded_at", models.DateTimeField(db_index=True)),
                ("actor", models.CharField(max_length=150)),
                ("action", models.CharField(db_index=True, max_length=64)),
                ("subject_type", models.CharField(max_length=32)),
                ("subject_key", models.TextField(default="")),
                ("reason", models.TextField(default="")),
                ("payload", models.TextField(default="{}")),
                ("previous_hash", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64, unique=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("city_admin", "市级管理员"),
                            ("city_editor", "市级经办人"),
                            ("department", "责任部门"),
                            ("district", "县级市（区）"),
                            ("viewer", "只读"),
                            ("auditor", "审计"),
                        ],
                        default="viewer",
                        max_length=16,
                    ),
                ),
                ("body_id", models.CharField(blank=True, max_length=128, null=True)),
                ("area_id", models.CharField(blank=True, max_length=128, null=True)),
                ("must_change_password", models.BooleanField(default=True)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="account", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("name", models.CharField(max_length=255)),
                ("media_type", models.CharField(max_length=128)),
                ("title", models.TextField(default="")),
                ("number", models.CharField(default="", max_length=64)),
                ("issuer", models.CharField(default="", max_length=255)),
                ("issued_on", models.DateField(null=True)),
                ("known_on", models.DateField()),
                ("is_restatement", models.BooleanField(default=False)),
                ("official_source", models.TextField(default="")),
                ("folder_digest", models.CharField(max_length=64)),
                ("original", models.TextField()),
                ("reading", models.TextField()),
                ("structure", models.JSONField(default=dict)),
                ("findings", models.JSONField(default=list)),
                ("recorded_at", models.DateTimeField()),
                (
                    "event",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.event"),
                ),
            ],
            options={
                "ordering": ["known_on", "id"],
            },
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=32)),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "排队"), ("running", "进行中"), ("done", "完成"), ("failed", "失败")],
                        default="queued",
                        max_length=16,
                    ),
                ),
                ("actor", models.CharField(max_length=150)),
                ("folder_digest", models.CharField(max_length=64)),
                ("parameters", models.JSONField(default=dict)),
                ("result", models.JSONField(default=dict)),
                ("progress", models.FloatField(default=0.0)),
                ("created_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["state", "created_at"], name="run_queue")],
            },
        ),
        migrations.CreateModel(
            name="Target",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=255)),
                ("version", models.PositiveIntegerField()),
                ("known_on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                ("superseded_at", models.DateTimeField(null=True)),
                ("actor", models.CharField(max_length=150)),
                ("reason", models.TextField(default="")),
                ("value_text", models.CharField(max_length=64)),
                ("unit", models.CharField(blank=True, default="", max_length=32)),
                ("value_scaled", models.BigIntegerField(null=True)),
                ("value_max_text", models.CharField(default="", max_length=64)),
                ("comparator", models.CharField(default="eq", max_length=8)),
                ("strict", models.BooleanField(default=False)),
                ("base_value", models.CharField(default="", max_length=64)),
                ("base_period", models.CharField(default="", max_length=32)),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "有效"), ("withdrawn", "已撤回")], default="active", max_length=16
                    ),
                ),
                ("claim_key", models.CharField(max_length=255, null=True)),
                ("parent_key", models.CharField(max_length=255, null=True)),
                ("title", models.TextField(default="")),
                ("indicator_id", models.CharField(max_length=128)),
                ("indicator", models.TextField(default="")),
                ("area_id", models.CharField(max_length=128, null=True)),
                ("cluster_id", models.CharField(max_length=128, null=True)),
                ("measure", models.CharField(default="level", max_length=16)),
                ("period", models.CharField(default="", max_length=32)),
                ("deadline", models.DateField(null=True)),
                ("body_ids", models.JSONField(default=list)),
                (
                    "document",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="targets",
                        to="ledger.document",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.event"),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TargetBody",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("body_id", models.CharField(db_index=True, max_length=128)),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="target_bodies", to="ledger.target"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Task",
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
                        choices=[("open", "进行中"), ("done", "已办结"), ("dropped", "已取消")],
                        default="open",
                        max_length=16,
                    ),
                ),
                ("number", models.CharField(max_length=64)),
                ("title", models.TextField()),
                ("bodies", models.JSONField(default=list)),
                ("body_ids", models.JSONField(default=list)),
                ("deadline", models.CharField(default="", max_length=32)),
                ("start", models.PositiveIntegerField()),
                ("end", models.PositiveIntegerField()),
                ("claim_count", models.PositiveIntegerField(default=0)),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tasks", to="ledger.document"
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.event"),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TaskBody",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("body_id", models.CharField(db_index=True, max_length=128)),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="task_bodies", to="ledger.task"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Comment",
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
                ("subject_type", models.CharField(max_length=32)),
                ("subject_key", models.CharField(max_length=255)),
                ("body_id", models.CharField(max_length=128, null=True)),
                ("area_id", models.CharField(max_length=128, null=True)),
                ("text", models.TextField()),
                (
                    "event",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.event"),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [models.Index(fields=["subject_type", "subject_key"], name="comment_subject")],
                "constraints": [
                    models.UniqueConstraint(fields=("key", "version"), name="comment_version"),
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at__isnull", True)), fields=("key",), name="comment_current"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Claim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=255)),
                ("version", models.PositiveIntegerField()),
                ("known_on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                ("superseded_at", models.DateTimeField(null=True)),
                ("actor", models.CharField(max_length=150)),
                ("reason", models.TextField(default="")),
                ("value_text", models.CharField(max_length=64)),
                ("unit", models.CharField(blank=True, default="", max_length=32)),
                ("value_scaled", models.BigIntegerField(null=True)),
                ("value_max_text", models.CharField(default="", max_length=64)),
                ("comparator", models.CharField(default="eq", max_length=8)),
                ("strict", models.BooleanField(default=False)),
                ("base_value", models.CharField(default="", max_length=64)),
                ("base_period", models.CharField(default="", max_length=32)),
                (
                    "state",
                    models.CharField(
                        choices=[("proposed", "待核"), ("accepted", "已采纳"), ("rejected", "已否决")],
                        default="proposed",
                        max_length=16,
                    ),
                ),
                ("number_start", models.PositiveIntegerField()),
                ("number_end", models.PositiveIntegerField()),
                ("quote_start", models.PositiveIntegerField()),
                ("quote_end", models.PositiveIntegerField()),
                ("kind", models.CharField(max_length=8)),
                ("quote", models.TextField()),
                ("indicator", models.TextField()),
                ("measure", models.CharField(max_length=16)),
                ("area", models.CharField(default="", max_length=128)),
                ("period", models.CharField(default="", max_length=32)),
                ("bodies", models.JSONField(default=list)),
                ("task_number", models.CharField(default="", max_length=64)),
                ("indicator_id", models.CharField(max_length=128, null=True)),
                ("area_id", models.CharField(max_length=128, null=True)),
                ("cluster_id", models.CharField(max_length=128, null=True)),
                ("body_ids", models.JSONField(default=list)),
                ("confidence", models.FloatField(default=0.0)),
                ("candidates", models.JSONField(default=list)),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="claims", to="ledger.document"
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.event"),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(fields=["document", "number_start"], name="claim_place"),
                    models.Index(fields=["state", "confidence"], name="claim_queue"),
                    models.Index(fields=["indicator_id"], name="claim_indicator"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("key", "version"), name="claim_version"),
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at__isnull", True)), fields=("key",), name="claim_current"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Observation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=255)),
                ("version", models.PositiveIntegerField()),
                ("known_on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                ("superseded_at", models.DateTimeField(null=True)),
                ("actor", models.CharField(max_length=150)),
                ("reason", models.TextField(default="")),
                ("value_text", models.CharField(max_length=64)),
                ("unit", models.CharField(blank=True, default="", max_length=32)),
                ("value_scaled", models.BigIntegerField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "有效"), ("withdrawn", "已撤回")], default="active", max_length=16
                    ),
                ),
                ("indicator_id", models.CharField(max_length=128)),
                ("area_id", models.CharField(max_length=128)),
                ("cluster_id", models.CharField(max_length=128, null=True)),
                ("period", models.CharField(max_length=32)),
                ("period_start", models.DateField()),
                ("period_end", models.DateField()),
                ("measure", models.CharField(max_length=16, null=True)),
                ("value_kind", models.CharField(default="exact", max_length=16)),
                ("is_preferred", models.BooleanField(default=True)),
                ("source_id", models.CharField(default="", max_length=128)),
                ("source_title", models.TextField(default="")),
                ("claim_key", models.CharField(max_length=255, null=True)),
                ("body_id", models.CharField(max_length=128, null=True)),
                ("confidence", models.CharField(default="high", max_length=8)),
                ("note", models.TextField(default="")),
                (
                    "document",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="observations",
                        to="ledger.document",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.event"),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(fields=["indicator_id", "area_id", "period_end"], name="observation_series"),
                    models.Index(fields=["area_id", "period_end"], name="observation_area"),
                    models.Index(fields=["claim_key"], name="observation_claim"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("key", "version"), name="observation_version"),
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at__isnull", True)), fields=("key",), name="observation_current"
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="target",
            index=models.Index(fields=["indicator_id", "area_id", "deadline"], name="target_subject"),
        ),
        migrations.AddIndex(
            model_name="target",
            index=models.Index(fields=["claim_key"], name="target_claim"),
        ),
        migrations.AddIndex(
            model_name="target",
            index=models.Index(fields=["parent_key"], name="target_parent"),
        ),
        migrations.AddIndex(
            model_name="target",
            index=models.Index(fields=["cluster_id"], name="target_cluster"),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.UniqueConstraint(fields=("key", "version"), name="target_version"),
        ),
        migrations.AddConstraint(
            model_name="target",
            constraint=models.UniqueConstraint(
                condition=models.Q(("superseded_at__isnull", True)), fields=("key",), name="target_current"
            ),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(fields=["document", "start"], name="task_place"),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(fields=("key", "version"), name="task_version"),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(
                condition=models.Q(("superseded_at__isnull", True)), fields=("key",), name="task_current"
            ),
        ),
        migrations.RunPython(triggers.install, migrations.RunPython.noop),
    ]
