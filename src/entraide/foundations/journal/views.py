"""Pages of the journal. All of it is public; what is sealed is shown as its hash alone."""

from __future__ import annotations

import inspect
import json
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from entraide.refusal import Refusal

from . import queries, rules, verify_journal

PER_PAGE = 50


def index(request: HttpRequest) -> HttpResponse:
    """What the journal is, its totals, how to verify it, and its latest entries."""
    cause, kind = request.GET.get("cause", ""), request.GET.get("kind", "")
    before = _sequence(request.GET.get("before", ""))
    # A filter must not tell what a sealed entry is about.
    filtered = bool(cause or kind)
    found = queries.entries(cause=cause, kind=kind, before=before, public_only=filtered)[: PER_PAGE + 1]
    entries = list(found)
    older = entries[PER_PAGE - 1].sequence if len(entries) > PER_PAGE else None
    all_totals = queries.totals_by_cause()
    names = queries.names_of({row["cause"] for row in all_totals})
    context = {
        "entries": entries[:PER_PAGE],
        "older": urlencode(_kept(cause=cause, kind=kind, before=older)) if older else "",
        "latest": urlencode(_kept(cause=cause, kind=kind)) if before is not None else "",
        "paged": before is not None,
        "filtered": filtered,
        "cause": cause,
        "kind": kind,
        "causes": [
            {"id": id_, "name": names.get(id_) or id_[:8]}
            for id_ in sorted(
                {row["cause"] for row in all_totals} - {""}, key=lambda id_: names.get(id_, id_)
            )
        ],
        "kinds": [
            {"kind": name, "label": rules.label(name)} for name in sorted({r["kind"] for r in all_totals})
        ],
        "totals": [
            {"cause": id_, "name": names.get(id_) or id_[:8], "rows": [_labelled(row) for row in rows]}
            for id_, rows in groupby(
                (row for row in all_totals if not cause or row["cause"] == cause),
                key=lambda row: row["cause"],
            )
        ],
        "names": names,
        "count": queries.last_sequence(),
        "checkpoint": queries.last_checkpoint(),
    }
    return render(request, "journal/index.html", context)


def entry(request: HttpRequest, sequence: int) -> HttpResponse:
    """One entry: in words, as it was hashed, and its place in the chain."""
    found = queries.entry(sequence)
    if found is None:
        raise Refusal(_("There is no such entry in the journal."), status=404, code="no-such-entry")
    context: dict[str, Any] = {
        "entry": found,
        "checkpoint": queries.covering_checkpoint(sequence),
        "next": sequence + 1 if sequence < queries.last_sequence() else None,
    }
    if found.public:
        body = json.loads(found.body)
        context |= {
            "cause_name": queries.names_of([found.cause]).get(found.cause) or found.cause[:8],
            "details": sorted(body["details"].items()),
            "body": json.dumps(body, sort_keys=True, indent=2, ensure_ascii=False),
            "corrections": queries.corrections_of(sequence),
        }
    return render(request, "journal/entry.html", context)


def export(request: HttpRequest) -> StreamingHttpResponse:
    """The public export, streamed."""
    return StreamingHttpResponse(
        queries.export_lines(),
        content_type="application/jsonl; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="journal.jsonl"', "Cache-Control": "no-cache"},
    )


def verifier(request: HttpRequest) -> HttpResponse:
    """The stand-alone verifier, to read and to run."""
    return HttpResponse(inspect.getsource(verify_journal), content_type="text/x-python; charset=utf-8")


def _sequence(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Refusal(_("This is not the number of an entry."), where="before", code="not-an-entry")
    return int(text)


def _kept(**parameters: Any) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if value}


def _labelled(row: dict[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "label": rules.label(row["kind"]),
        "query": urlencode(_kept(cause=row["cause"], kind=row["kind"])),
    }
