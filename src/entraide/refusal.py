"""A rule said no, in words fit for people.

Raise :class:`Refusal` anywhere below a view; one middleware turns it into a kind page, an htmx
fragment or RFC 9457 problem JSON. Never use it for a fault of ours: that is an ordinary exception.
"""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """A rule refused what was asked.

    Args:
        message: one translated sentence that says what was refused and what to do instead.
        status: HTTP status (400 wrong input, 403 no right, 404 not there *or not to be seen*,
            409 somebody was faster, 410 gone, 429 too fast, 503 come back later).
        where: the field or thing concerned (``"message"``), for forms and problem JSON.
        code: stable kebab-case name of the rule, for programs (``"missing-from"``).
        retry_after: seconds, sent as ``Retry-After`` where given.
    """

    def __init__(
        self,
        message: Any,
        *,
        status: int = 400,
        where: str = "",
        code: str = "refused",
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.where = where
        self.code = code
        self.retry_after = retry_after

    def __str__(self) -> str:
        return str(self.message)
