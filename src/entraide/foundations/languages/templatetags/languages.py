"""``{% load languages %}``: passages that carry their language and direction, names of languages."""

from __future__ import annotations

from django import template
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from ..rules import direction, name_of, normalise, paragraphs, tag

register = template.Library()


@register.simple_tag
def passage(text: object, language: str = "und") -> SafeString:
    """``<span lang dir>`` around somebody's words. Escaped; its direction cannot leave the span.

    The ``dir`` attribute makes an isolate of the element, as ``<bdi>`` does. An unknown language is
    ``lang=""``, as HTML has it, and the browser finds the direction.
    """
    return format_html(
        '<span lang="{}" dir="{}">{}</span>',
        _lang(language),
        direction(language or "und"),
        normalise(str(text or "")),
    )


@register.simple_tag
def passage_block(text: object, language: str = "und") -> SafeString:
    """One ``<p lang dir>`` per paragraph of somebody's words; line ends stay, addresses are not linked."""
    return format_html_join(
        "\n",
        '<p lang="{}" dir="{}">{}</p>',
        (
            (_lang(language), direction(language or "und"), _with_breaks(paragraph))
            for paragraph in paragraphs(str(text or ""))
        ),
    )


@register.simple_tag
def language_name(code: str, in_language: str = "") -> str:
    """The name of a language in the reader's language, or in the one named."""
    return name_of(code or "und", in_language)


@register.filter
def language_direction(code: str) -> str:
    """``ltr``, ``rtl`` or ``auto``, for a ``dir`` attribute."""
    return direction(code or "und")


def _lang(language: str) -> str:
    code = tag(language or "und")
    return "" if code == "und" else code


def _with_breaks(paragraph: str) -> SafeString:
    return mark_safe(escape(paragraph).replace("\n", "<br>\n"))  # noqa: S308 - escaped just here
