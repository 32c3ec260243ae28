"""Full-text search over publications (FTS5 on SQLite, a GIN index on PostgreSQL; see queries/search.py), and
the index that map tiles are counted from (queries/squares.py)."""

import sqlite3

from django.db import migrations

# External content: the words are indexed, the text stays in crisis_publication alone. Marks (M*) belong to
# words, or the vowel signs of Bengali, Hindi, Thai … would cut every word to pieces.
# A migration that rebuilds crisis_publication on SQLite (AlterField) drops its triggers: run `SQLITE` again
# after it. tests/public/test_search.py tells when somebody forgot.
SQLITE = [
    """CREATE VIRTUAL TABLE IF NOT EXISTS crisis_search USING fts5(
        title, text, place_label, content='crisis_publication', content_rowid='id',
        tokenize="unicode61 remove_diacritics 2 categories 'L* N* Co M*'")""",
    """CREATE TRIGGER IF NOT EXISTS crisis_search_insert AFTER INSERT ON crisis_publication BEGIN
        INSERT INTO crisis_search (rowid, title, text, place_label)
        VALUES (new.id, new.title, new.text, new.place_label); END""",
    """CREATE TRIGGER IF NOT EXISTS crisis_search_delete AFTER DELETE ON crisis_publication BEGIN
        INSERT INTO crisis_search (crisis_search, rowid, title, text, place_label)
        VALUES ('delete', old.id, old.title, old.text, old.place_label); END""",
    """CREATE TRIGGER IF NOT EXISTS crisis_search_update
        AFTER UPDATE OF id, title, text, place_label ON crisis_publication BEGIN
        INSERT INTO crisis_search (crisis_search, rowid, title, text, place_label)
        VALUES ('delete', old.id, old.title, old.text, old.place_label);
        INSERT INTO crisis_search (rowid, title, text, place_label)
        VALUES (new.id, new.title, new.text, new.place_label); END""",
    "INSERT INTO crisis_search (crisis_search) VALUES ('rebuild')",
]
# Without it the words of a withdrawn text linger in the index until a merge (SQLite 3.42 and later).
SQLITE_SECURE_DELETE = "INSERT INTO crisis_search (crisis_search, rank) VALUES ('secure-delete', 1)"

POSTGRESQL = [
    # Declared immutable so that an index may use it: it depends on its argument alone.
    """CREATE OR REPLACE FUNCTION crisis_fold(words text) RETURNS text
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
        $$ SELECT lower(regexp_replace(normalize(words, NFD), '[\u0300-\u036f]', '', 'g')) $$""",
    """CREATE INDEX crisis_publication_words ON crisis_publication USING gin
        (to_tsvector('simple', crisis_fold(title || ' ' || text || ' ' || place_label)))""",
]


# Everything a tile and a summary count, so that they read the index alone. Cell comes second: a tile is a
# range of cells.
SQUARES = """CREATE INDEX crisis_publication_squares ON crisis_publication
    (cause_id, cell, published_at, step, standing, urgent, shape, cell_zoom, x, y, updated_at, id)"""


def build(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        statements = list(SQLITE)
        if sqlite3.sqlite_version_info >= (3, 42):
            statements.append(SQLITE_SECURE_DELETE)
    else:
        statements = POSTGRESQL
    for statement in [*statements, SQUARES]:
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    schema_editor.execute("DROP INDEX IF EXISTS crisis_publication_squares")
    if schema_editor.connection.vendor == "sqlite":
        for name in ("insert", "delete", "update"):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS crisis_search_{name}")
        schema_editor.execute("DROP TABLE IF EXISTS crisis_search")
    else:
        schema_editor.execute("DROP INDEX IF EXISTS crisis_publication_words")
        schema_editor.execute("DROP FUNCTION IF EXISTS crisis_fold(text)")


class Migration(migrations.Migration):
    dependencies = [("crisis", "0001_initial")]
    operations = [migrations.RunPython(build, remove)]
