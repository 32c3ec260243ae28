"""The worker: a thread beside the server that does what may wait.

It takes the inbox in, delivers the outbox, and runs what the cards ask for again and again. Each piece of
work is a transaction of its own, so that it may be killed at any instant and begins again where it stood.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.db import close_old_connections, connections
from django.utils import timezone

from entraide.capability import Retention, slot
from entraide.foundations.channels import actions as channels
from entraide.foundations.journal import actions as journal

log = logging.getLogger(__name__)

PAUSE_SECONDS = 0.1  # between two looks at an empty inbox
AFTER_FAULT_SECONDS = 5.0
PURGE_EVERY_SECONDS = 3_600.0
PURGE_BATCHES_MAX = 200  # the rest within the hour: others wait for the worker too


@dataclass(slots=True)
class Duty:
    """One piece of recurring work; ``due`` is on the monotonic clock."""

    name: str
    every_seconds: float
    run: Callable[[], int]
    due: float = field(default=0.0)


def duties() -> list[Duty]:
    """What the worker sees to, in order: the house's own, then the cards'."""
    return [
        Duty("take the inbox in", 0.0, channels.take_in),
        Duty("try stuck messages again", 5.0, channels.retry_stuck),
        Duty("deliver mail", 1.0, channels.deliver),
        Duty("sign the journal", 30.0, journal.checkpoint_if_due),
        Duty("forget old notices", 300.0, channels.prune_live),
        *(Duty(work.name, work.every_seconds, work.run) for work in slot("recurring")),
        *(
            Duty("forget what is kept no longer", PURGE_EVERY_SECONDS, partial(purge, kept.purge))
            for kept in retention()
            if kept.purge is not None
        ),
    ]


def retention() -> list[Retention]:
    """What is kept how long: the house's own, then the cards'."""
    return [*channels.RETENTION, *slot("retention")]


def purge(forget: Callable[[datetime], int]) -> int:
    """Forget everything that is due, a batch at a time. Returns how much."""
    now, done = timezone.now(), 0
    for _batch in range(PURGE_BATCHES_MAX):
        forgotten = forget(now)
        done += forgotten
        if not forgotten:
            break
    return done


class Worker:
    """The thread. ``stop`` lets the piece in hand end."""

    def __init__(self, work: list[Duty] | None = None) -> None:
        self._work = duties() if work is None else work
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Ask it to end, and wait."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def round(self) -> int:
        """Do everything that is due once. Returns how much was done; a fault stops no other work."""
        done = 0
        for duty in self._work:
            if self._stop.is_set() or time.monotonic() < duty.due:
                continue
            duty.due = time.monotonic() + duty.every_seconds
            try:
                close_old_connections()
                done += duty.run() or 0
            except Exception:
                log.exception("the worker could not %s; it will try again", duty.name)
                duty.due = time.monotonic() + max(AFTER_FAULT_SECONDS, duty.every_seconds)
        return done

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                if self.round() == 0:
                    self._stop.wait(PAUSE_SECONDS)
        finally:
            connections.close_all()
