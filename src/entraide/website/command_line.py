"""The console command ``entraide``: the few verbs an operator needs, in words."""

from __future__ import annotations

import os
import sys

COMMANDS = {
    "serve": "serve the site, the message doors and the worker in one process",
    "migrate": "bring the database to this version (safe to repeat)",
    "demo": "fill an instance with a fictional crisis and serve it",
    "import": "take in what another platform exported (entraide import ushahidi FILE --cause SLUG)",
    "replay": "deliver a file of messages through a real door, and count what arrived",
    "journal": "verify, export or checkpoint the public journal",
    "backup": "write databases, keys and media to one archive",
    "restore": "put an archive's content into an empty ENTRAIDE_HOME",
    "doctor": "say in words what is missing or unsafe",
}


def main(arguments: list[str] | None = None) -> None:
    """Run one command; without one, or with an unknown one, say which there are."""
    arguments = sys.argv[1:] if arguments is None else arguments
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "entraide.website.settings")
    if not arguments or arguments[0] in ("help", "-h", "--help"):
        print(help_text())  # noqa: T201
        return
    if arguments[0] not in COMMANDS:
        print(f"entraide: there is no command '{arguments[0]}'.\n\n{help_text()}", file=sys.stderr)  # noqa: T201
        raise SystemExit(2)
    if arguments[0] in ("migrate", "demo"):
        prepare()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["entraide", *arguments])


def prepare() -> None:
    """What an instance needs besides its tables: translations, static files, the compiled gazetteer.

    The gazetteer is compiled here and not when the first message asks for a place: that question is asked
    inside a transaction, and nobody may hold the database's one writer for the ten seconds it takes.
    """
    import django
    from django.core.management import call_command

    from entraide.website.translations import compile_all

    compile_all()
    django.setup()
    from entraide.foundations.places.actions import build_gazetteer

    call_command("collectstatic", interactive=False, verbosity=0)
    build_gazetteer()


def help_text() -> str:
    """The list of commands, one a line."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {what}" for name, what in COMMANDS.items()]
    return "\n".join(["entraide COMMAND [options]    (entraide COMMAND --help tells more)", "", *lines])


if __name__ == "__main__":
    main()
