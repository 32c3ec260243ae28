"""The little XML our feeds need: an element from its name, attributes and content, escaped."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
# What XML 1.0 cannot carry at all (section 2.2), not even as a reference.
_IMPOSSIBLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Markup(str):
    """Text that is XML already."""

    __slots__ = ()


def element(name: str, /, *content: str | None, **attributes: str) -> Markup:
    """``element("title", "a < b")``. Strings are escaped, :class:`Markup` is kept, None left out.

    A trailing underscore is dropped from an attribute's name and ``__`` stands for a colon
    (``xml__lang``).
    """
    pairs = "".join(
        f" {key.rstrip('_').replace('__', ':')}={quoteattr(clean(value))}"
        for key, value in attributes.items()
    )
    inside = "".join(part if isinstance(part, Markup) else text(part) for part in content if part is not None)
    return Markup(f"<{name}{pairs}>{inside}</{name}>" if inside else f"<{name}{pairs}/>")


def text(value: str) -> Markup:
    """Escaped text."""
    return Markup(escape(clean(value)))


def clean(value: str) -> str:
    """Without the characters no XML document may hold."""
    return _IMPOSSIBLE.sub("\ufffd", value)
