"""Notes of evidence may name who was asked: sealed, so that a stolen database does not tell it."""

from typing import Any

from django.db import migrations, models

from entraide.foundations.channels.rules import seal


def seal_what_is_there(apps: Any, schema_editor: Any) -> None:
    for change in apps.get_model("crisis", "Change").objects.exclude(evidence="").iterator():
        change.sealed_evidence = seal(change.evidence)
        change.save(update_fields=["sealed_evidence"])


class Migration(migrations.Migration):
    dependencies = [("crisis", "0002_search")]

    operations = [
        migrations.AddField("change", "sealed_evidence", models.BinaryField(default=bytes)),
        migrations.RunPython(seal_what_is_there, migrations.RunPython.noop),
        migrations.RemoveField("change", "evidence"),
    ]
