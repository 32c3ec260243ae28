"""What a mail says: readable text out of whatever bytes came, without crashing, hanging or guessing much.

Mail in the wild breaks every rule: wrong charsets, missing boundaries, endless nesting. The original bytes
are kept in the inbox, so that this reading can only ever be a view of them. Attachments are named, not
opened.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from datetime import UTC
from email.header import decode_header
from email.message import Message as Mail
from email.utils import parseaddr, parsedate_to_datetime
from html.parser import HTMLParser
from typing import Any

from entraide.foundations.channels.rules.hearing import Heard, moment, without_surrogates

TEXT_MAX = 200_000  # characters kept as text; the bytes are kept whole
PARTS_MAX = 500
ATTACHMENTS_MAX = 50

BLOCKS = {
    "address", "article", "blockquote", "br", "div", "dd", "dl", "dt", "figure", "footer", "form", "h1", "h2",
    "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "tr", "ul",
}  # fmt: skip
DECLARATION = re.compile(r"<[!?][^<>]*>")
UNCLOSED = re.compile(r"<(?!/?[a-zA-Z][^<>]*>)")
SILENT = {"script", "style", "head", "title", "template", "svg"}

# The line with which a mail program opens a quotation of the message answered.
QUOTE_OPENS = re.compile(
    r"^\s*(?:"
    r"(?:On|Le|El|Em|Am|Il|Op|Den)\b.{4,200}(?:wrote|a écrit|écrit|escribió|escreveu|schrieb|ha scritto|schreef|skrev)\s?:"
    r"|-{2,}\s?(?:Original Message|Message d'origine|Mensaje original|Mensagem original|Ursprüngliche Nachricht"
    r"|Forwarded message|Message transféré)\s?-{2,}"
    r"|_{10,}"
    r")\s*$",
    re.IGNORECASE,
)
AUTOMATIC_SUBJECT = re.compile(
    r"^(?:out of office|automatic reply|auto(?:matic)?[- ]?reply|réponse automatique|respuesta automática"
    r"|abwesenheit|undeliver(?:ed|able)|delivery status notification|mail delivery (?:failed|subsystem)"
    r"|returned mail|échec de remise)",
    re.IGNORECASE,
)


class _Words(HTMLParser):
    """The words of an HTML text, one line a block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silent += 1
        elif tag in BLOCKS:
            self.pieces.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(re.sub(r"\s+", " ", data))


def _tame(html: str) -> str:
    """HTML without comments and declarations, what is never closed as text.

    Python's parser looks for the end of a tag or comment again and again where there is none, which takes a
    hostile mail of a megabyte hours. Each pattern here stops at the next bracket.
    """
    kept, at = [], 0
    while (opens := html.find("<!--", at)) >= 0 and (closes := html.find("-->", opens + 4)) >= 0:
        kept.append(html[at:opens])
        at = closes + 3
    return UNCLOSED.sub("&lt;", DECLARATION.sub("", "".join([*kept, html[at:]])))


def text_of_html(html: str) -> str:
    """Readable text of an HTML mail; never raises."""
    words = _Words()
    html = _tame(html[: TEXT_MAX * 5])
    try:
        words.feed(html)
        words.close()
    except (AssertionError, ValueError):  # the parser gives up on some broken declarations
        words.pieces.append(re.sub(r"<[^<>]*>", " ", html))
    lines = [" ".join(line.split()) for line in "".join(words.pieces).splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def shown_of(text: str) -> str:
    """The text without quoted replies and signature, for display only; the whole where nothing is left."""
    kept: list[str] = []
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if line.rstrip("\r") in ("-- ", "--"):
            break
        if QUOTE_OPENS.match(line) or QUOTE_OPENS.match(
            f"{line} {lines[number + 1]}" if number + 1 < len(lines) else ""
        ):
            break
        if line.startswith(">"):
            continue
        kept.append(line)
    return "\n".join(kept).strip() or text.strip()


def _decoded(data: bytes, charset: str | None) -> str:
    """Bytes as text: what the sender says, else UTF-8, else the Western superset nothing fails in."""
    for name in (charset, "utf-8"):
        if name:
            try:
                return data.decode(name.strip("'\" ").lower())
            except (LookupError, UnicodeError, ValueError):
                continue
    return data.decode("cp1252", "replace")


def _header(mail: Mail, name: str) -> str:
    """One header as text; "" where it is missing, its raw letters where it is broken."""
    raw = mail.get(name)
    if raw is None:
        return ""
    raw = str(raw)
    try:
        pieces = decode_header(raw)
    except Exception:
        pieces = [(raw, None)]
    words = "".join(
        piece if isinstance(piece, str) else _decoded(piece, None if charset == "unknown-8bit" else charset)
        for piece, charset in pieces
    )
    return " ".join(without_surrogates(words).split())


def _parts(mail: Mail, depth: int = 0) -> Iterator[Mail]:
    """Leaves of the tree, outermost first; an attached mail (message/rfc822) is a leaf of its own."""
    payload = mail.get_payload()
    if mail.get_content_maintype() == "multipart" and isinstance(payload, list):
        if depth < 30:
            for part in payload:
                if isinstance(part, Mail):
                    yield from _parts(part, depth + 1)
    else:
        yield mail


def _text(part: Mail) -> str:
    try:
        data = part.get_payload(decode=True)
    except Exception:
        data = None
    if not isinstance(data, bytes):
        payload = part.get_payload()
        data = payload.encode("utf-8", "surrogateescape") if isinstance(payload, str) else b""
    try:
        charset = part.get_content_charset()
    except Exception:
        charset = None
    return _decoded(data[: TEXT_MAX * 4], charset).replace("\r\n", "\n").replace("\x00", "")


def _attachment_name(part: Mail) -> str:
    try:
        name = part.get_filename()
    except Exception:
        name = None
    kind = part.get_content_type()
    return without_surrogates(str(name))[:200] if name else kind


def _is_attachment(part: Mail) -> bool:
    return part.get_content_disposition() == "attachment" or part.get_content_maintype() != "text"


def is_automatic(mail: Mail, envelope_sender: str | None = None) -> bool:
    """True for auto-replies and bounces (RFC 3834, RFC 3464, and what programs do besides)."""
    submitted = _header(mail, "Auto-Submitted").lower()
    if submitted and not submitted.startswith("no"):
        return True
    if envelope_sender == "" or _header(mail, "Return-Path").strip() == "<>":
        return True
    if mail.get_content_type() in ("multipart/report", "message/delivery-status"):
        return True
    if (
        _header(mail, "X-Autoreply")
        or _header(mail, "X-Autorespond")
        or _header(mail, "X-Auto-Response-Suppress").lower() == "all"
    ):
        return True
    if _header(mail, "Precedence").lower() in ("auto_reply", "auto-reply"):
        return True
    name = parseaddr(_header(mail, "From"))[1].split("@")[0].lower()
    return name in ("mailer-daemon", "postmaster") or bool(AUTOMATIC_SUBJECT.match(_header(mail, "Subject")))


ENVELOPE = re.compile(rb"\AX-Entraide-Envelope-From: <([^\r\n]*)>\r?\n")


def with_envelope(sender: str, original: bytes) -> bytes:
    """The original bytes under one line that keeps the envelope's sender: no header of it is altered."""
    safe = re.sub(r"[\r\n<>]", "", sender)
    return f"X-Entraide-Envelope-From: <{safe}>\r\n".encode("utf-8", "replace") + original


def read_mail(data: bytes) -> Heard:
    """Read a mail as stored by the LMTP door. Never raises on broken mail."""
    envelope: str | None = None
    if match := ENVELOPE.match(data):
        envelope = match[1].decode("utf-8", "replace")
        data = data[match.end() :]
    try:
        return _read(data, envelope)
    except Exception as error:
        # Whatever else is wrong with it, its letters can be shown.
        return Heard(
            text=_decoded(data[: TEXT_MAX * 2], None)[:TEXT_MAX],
            sender=envelope or "",
            extra={"broken": type(error).__name__},
        )


def _read(data: bytes, envelope: str | None) -> Heard:
    mail = email.message_from_bytes(data, policy=email.policy.compat32)
    plain: list[str] = []
    html: list[str] = []
    attachments: list[str] = []
    for number, part in enumerate(_parts(mail)):
        if number >= PARTS_MAX:
            break
        if _is_attachment(part):
            # Not opened in this release; the bytes are in the inbox.
            if len(attachments) < ATTACHMENTS_MAX:
                attachments.append(_attachment_name(part))
        elif part.get_content_type() == "text/html":
            html.append(_text(part))
        else:
            plain.append(_text(part))
    text = "\n\n".join(piece.strip() for piece in plain if piece.strip())
    if not text:
        text = "\n\n".join(text_of_html(piece) for piece in html)
    text = without_surrogates(text)[:TEXT_MAX].strip()
    subject = _header(mail, "Subject")[:500]
    extra: dict[str, Any] = {}
    if attachments:
        extra["attachments"] = attachments
    if (shown := shown_of(text)) != text:
        extra["shown"] = shown
    if message_id := _header(mail, "Message-ID")[:500]:
        extra["message_id"] = message_id
    name, sender = parseaddr(_header(mail, "From"))
    if "@" not in sender:
        sender = envelope or sender
    if name:
        extra["sender_name"] = name[:200]
    return Heard(
        # A mail may say everything in its subject.
        text=text or subject,
        sender=sender,
        subject=subject,
        sent_at=_sent_at(mail),
        set_aside="automatic" if is_automatic(mail, envelope) else "",
        extra=extra,
    )


def _sent_at(mail: Mail) -> Any:
    try:
        found = parsedate_to_datetime(_header(mail, "Date"))
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return moment((found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat())


MESSAGE_ID = re.compile(rb"^message-id:[ \t]*(?:\r?\n[ \t]+)?(\S[^\r\n]*)", re.IGNORECASE | re.MULTILINE)


def mail_key(original: bytes) -> str:
    """What makes a mail a repeat: its Message-ID, else a hash of its bytes. Cheap: the head alone is read."""
    import hashlib

    head = re.split(rb"\r?\n\r?\n", original[:100_000], maxsplit=1)[0]
    match = MESSAGE_ID.search(head)
    if match and match[1].strip():
        return "id:" + match[1].strip().decode("utf-8", "replace")[:500]
    return "sha256:" + hashlib.sha256(original).hexdigest()
