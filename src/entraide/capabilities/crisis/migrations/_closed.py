"""The database itself refuses to publish what a steward closed (SQLite and PostgreSQL)."""

from django.db import migrations

WORDS = "crisis: a report in a closed category is never published"

# (name, table, when, the condition under which the row is refused; NEW is the row)
RULES = [
    (
        "crisis_publication_not_closed",
        "crisis_publication",
        "INSERT",
        "EXISTS (SELECT 1 FROM crisis_report_categories rc JOIN crisis_category c ON c.id = rc.category_id"
        " WHERE rc.report_id = NEW.report_id AND c.sensitivity = 'closed')",
    ),
    (
        "crisis_publication_moved_not_closed",
        "crisis_publication",
        "UPDATE",
        "EXISTS (SELECT 1 FROM crisis_report_categories rc JOIN crisis_category c ON c.id = rc.category_id"
        " WHERE rc.report_id = NEW.report_id AND c.sensitivity = 'closed')",
    ),
    (
        "crisis_report_category_not_closed",
        "crisis_report_categories",
        "INSERT",
        "EXISTS (SELECT 1 FROM crisis_category c WHERE c.id = NEW.category_id AND c.sensitivity = 'closed')"
        " AND EXISTS (SELECT 1 FROM crisis_publication p WHERE p.report_id = NEW.report_id)",
    ),
    (
        "crisis_publication_category_not_closed",
        "crisis_publication_categories",
        "INSERT",
        "EXISTS (SELECT 1 FROM crisis_category c WHERE c.id = NEW.category_id AND c.sensitivity = 'closed')",
    ),
    (
        "crisis_category_closed_unpublished",
        "crisis_category",
        "UPDATE",
        "NEW.sensitivity = 'closed' AND EXISTS (SELECT 1 FROM crisis_report_categories rc"
        " JOIN crisis_publication p ON p.report_id = rc.report_id WHERE rc.category_id = NEW.id)",
    ),
]


def add(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for name, table, event, refused in RULES:
        if vendor == "sqlite":
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {refused}"
                f" BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
            )
        elif vendor == "postgresql":
            # integrity_constraint_violation, so that Django raises IntegrityError on both databases.
            schema_editor.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" IF {refused} THEN RAISE EXCEPTION '{WORDS}' USING ERRCODE = '23000'; END IF;"
                " RETURN NEW; END $$"
            )
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
            )
        else:
            raise NotImplementedError(f"no closed-category triggers for {vendor}")


def remove(apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    for name, table, _event, _refused in RULES:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}" + (f" ON {table}" if postgresql else ""))
        if postgresql:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}()")


REFUSE_CLOSED = migrations.RunPython(add, remove, elidable=False)
