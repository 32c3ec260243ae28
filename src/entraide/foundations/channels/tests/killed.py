"""A process that accepts messages as fast as it can and says which it acknowledged, until it is killed.

Run as ``python -m … FILE``; used by ``test_inbox``.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path


async def accept_for_ever(path: Path) -> None:
    """64 callers at once; each acknowledged key goes to standard output, unbuffered."""
    from entraide.foundations.channels.inbox import Arrival, Writer

    writer = Writer(path)

    async def caller(number: int) -> None:
        count = 0
        while True:
            key = f"{number}-{count}"
            await writer.accepted(Arrival(door_id=1, channel="sms", key=key, body=b"x" * 150))
            os.write(1, f"{key}\n".encode())
            count += 1

    await asyncio.gather(*(caller(number) for number in range(64)))


if __name__ == "__main__":
    import django

    django.setup()
    asyncio.run(accept_for_ever(Path(sys.argv[1])))
