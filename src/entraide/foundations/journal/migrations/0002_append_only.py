"""The database itself refuses to change what was recorded, and to record what does not follow.

Triggers guard against our own mistakes and against injected SQL. Whoever owns the database can drop them:
against her stand the chain and the signed checkpoints.
"""

from django.db import migrations

ZEROS = "0" * 64

SQLITE = [
    *(
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'the journal is append-only: {verb} on {table} refused'); END"
        for table in ("journal_entry", "journal_checkpoint")
        for verb in ("update", "delete")
    ),
    f"""
    CREATE TRIGGER journal_entry_follows BEFORE INSERT ON journal_entry BEGIN
        SELECT RAISE(ABORT, 'the journal is append-only: this entry does not follow the last')
        WHERE NEW.sequence IS NOT (SELECT coalesce(max(sequence), 0) + 1 FROM journal_entry)
           OR NEW.previous_hash IS NOT coalesce(
                (SELECT hash FROM journal_entry ORDER BY sequence DESC LIMIT 1), '{ZEROS}');
    END
    """,
    # INSERT OR REPLACE deletes without firing a delete trigger: hence "no row with this id yet".
    """
    CREATE TRIGGER journal_checkpoint_follows BEFORE INSERT ON journal_checkpoint BEGIN
        SELECT RAISE(ABORT, 'the journal is append-only: this checkpoint signs no entry, or replaces another')
        WHERE NOT EXISTS (SELECT 1 FROM journal_entry WHERE sequence = NEW.sequence AND hash = NEW.hash)
           OR EXISTS (SELECT 1 FROM journal_checkpoint WHERE id = NEW.id
                      OR (sequence = NEW.sequence AND key_id = NEW.key_id));
    END
    """,
]

POSTGRESQL = [
    """
    CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the journal is append-only: % on % refused', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    *(
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()"
        for table in ("journal_entry", "journal_checkpoint")
        for verb in ("update", "delete", "truncate")
    ),
    f"""
    CREATE FUNCTION journal_entry_follows() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE last record;
    BEGIN
        SELECT sequence, hash INTO last FROM journal_entry ORDER BY sequence DESC LIMIT 1;
        IF NEW.sequence IS DISTINCT FROM coalesce(last.sequence, 0) + 1
           OR NEW.previous_hash IS DISTINCT FROM coalesce(last.hash, '{ZEROS}') THEN
            RAISE EXCEPTION 'the journal is append-only: this entry does not follow the last'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER journal_entry_follows BEFORE INSERT ON journal_entry "
    "FOR EACH ROW EXECUTE FUNCTION journal_entry_follows()",
    """
    CREATE FUNCTION journal_checkpoint_follows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM journal_entry WHERE sequence = NEW.sequence AND hash = NEW.hash) THEN
            RAISE EXCEPTION 'the journal is append-only: this checkpoint signs no entry'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER journal_checkpoint_follows BEFORE INSERT ON journal_checkpoint "
    "FOR EACH ROW EXECUTE FUNCTION journal_checkpoint_follows()",
]

UNDO_SQLITE = [
    "DROP TRIGGER journal_checkpoint_follows",
    "DROP TRIGGER journal_entry_follows",
    *(
        f"DROP TRIGGER {table}_no_{verb}"
        for table in ("journal_entry", "journal_checkpoint")
        for verb in ("update", "delete")
    ),
]

UNDO_POSTGRESQL = [
    "DROP FUNCTION journal_checkpoint_follows() CASCADE",
    "DROP FUNCTION journal_entry_follows() CASCADE",
    "DROP FUNCTION journal_refuse() CASCADE",
]


def _run(schema_editor, by_vendor):
    vendor = schema_editor.connection.vendor
    if vendor not in by_vendor:
        raise NotImplementedError(f"the journal has no triggers for {vendor}")
    with schema_editor.connection.cursor() as cursor:
        for statement in by_vendor[vendor]:
            cursor.execute(statement)


def protect(apps, schema_editor):
    _run(schema_editor, {"sqlite": SQLITE, "postgresql": POSTGRESQL})


def unprotect(apps, schema_editor):
    _run(schema_editor, {"sqlite": UNDO_SQLITE, "postgresql": UNDO_POSTGRESQL})


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial")]

    operations = [migrations.RunPython(protect, unprotect)]
