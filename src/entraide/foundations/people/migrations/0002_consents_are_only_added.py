"""The database refuses to change a consent. (Deleting stays possible: test suites empty their tables.)"""

from django.db import migrations

SQLITE = """
CREATE TRIGGER people_consent_no_update BEFORE UPDATE ON people_consent
BEGIN SELECT RAISE(ABORT, 'consents are only added'); END
"""
POSTGRESQL = """
CREATE FUNCTION people_consent_no_update() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'consents are only added' USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TRIGGER people_consent_no_update BEFORE UPDATE ON people_consent
FOR EACH ROW EXECUTE FUNCTION people_consent_no_update();
"""


def forwards(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    schema_editor.execute(POSTGRESQL if vendor == "postgresql" else SQLITE)


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER people_consent_no_update ON people_consent")
        schema_editor.execute("DROP FUNCTION people_consent_no_update()")
    else:
        schema_editor.execute("DROP TRIGGER people_consent_no_update")


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
