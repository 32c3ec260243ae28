#!/usr/bin/env python3
"""Check the export of an Entraide journal without trusting whoever gave it to you.

    python3 verify_journal.py export.jsonl [--key HEX] [--seen SEQUENCE:HASH]

Needs only Python 3.10; "-" reads standard input. Recomputes every hash, the chain, the public totals and
the signatures, and names the first thing that is wrong (exit code 1). Whoever holds the signing key could
write a whole journal anew: keep the last line printed, and give it back with --seen next time.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterable
from typing import Any

NAMES = "cause", "kind", "unit", "quantity", "entries"


class Bad(Exception):
    """The journal is not what it claims: what is wrong, and the first entry concerned (or 0)."""


def verify(lines: Iterable[bytes], key: str = "", seen: str = "") -> dict[str, Any]:
    """Read the lines of an export; return what they prove, or raise Bad."""
    sequence, last, sealed, checkpoints, signer, ended = 0, "0" * 64, 0, 0, "", False
    sums: dict[tuple[str, ...], list[int]] = {}
    whole = hashlib.sha256()
    seen_sequence, _, seen_hash = seen.partition(":")

    def need(holds: object, otherwise: str) -> None:
        if not holds:
            raise Bad(f"{where}: {otherwise}", due)

    for number, raw in enumerate(lines, 1):
        where, due = f"entry {sequence + 1} (line {number})", sequence + 1
        if number == 1 or ended or raw.startswith((b'{"hash"', b'{"entries"')):
            where, due = f"line {number}, after entry {sequence}", 0
        need(not ended, "it follows the end")
        try:
            line = json.loads(raw)
            whole_line = canonical(line) + b"\n"
        except (ValueError, RecursionError):
            whole_line = b""
        need(whole_line == raw, "the line is damaged: it is not canonical JSON")
        match line, number == 1:
            case {"type": "header", "format": "entraide-journal", "version": 1, "keys": [*keys]}, True:
                pass
            case {"type": "entry", "sequence": stated, "hash": hash_, **rest}, False if len(rest) == 1:
                need(stated == due, f"it is missing: entry {stated} follows {sequence}")
                body, body_hash, public = line.get("body"), line.get("body_hash"), "body" in rest
                if public:
                    body_hash = hashlib.sha256(b"entraide-journal-body-1\n" + canonical(body)).hexdigest()
                    need(isinstance(body, dict) and type(body.get("quantity")) is int, "it has no quantity")
                    total = sums.setdefault(tuple(str(body.get(name)) for name in NAMES[:3]), [0, 0])
                    total[:] = total[0] + body["quantity"], total[1] + 1
                need(re.fullmatch("[0-9a-f]{64}", str(body_hash)), "the hash of its sealed body is damaged")
                framed = bytes.fromhex(last) + due.to_bytes(8, "big") + bytes([public])
                framed = b"entraide-journal-entry-1\n" + framed + bytes.fromhex(str(body_hash))
                found = hashlib.sha256(framed).hexdigest()
                need(hash_ == found, "its hash is not that of its body after the entry before it")
                sequence, last, sealed = due, found, sealed + (not public)
                need(seen_sequence != str(due) or seen_hash == last, f"it is not what you saw, {seen_hash}")
            case {"type": "checkpoint", "sequence": stated, "hash": hash_, "key": signer}, False:
                due = sequence + (stated != sequence)
                need((stated, hash_) == (sequence, last), "it signs another journal")
                need(signer in keys and is_signed(line), "the signature is not good")
                checkpoints += 1
            case {"type": "end", "entries": stated, "hash": hash_, "sha256": digest, "totals": sums_}, False:
                due = sequence + 1
                need((stated, hash_) == (sequence, last), f"there should be {stated} entries, not {sequence}")
                totals = [dict(zip(NAMES, (*at, *total), strict=True)) for at, total in sorted(sums.items())]
                wrong = [total for total in totals if canonical(total) not in raw] or "fewer"
                need(sums_ == totals, f"a total is wrong; the entries give {wrong[0]}")
                need(digest == whole.hexdigest(), "the lines before it have another SHA-256")
                ended = True
            case _:
                need(False, "the line is damaged: it is no header, entry, checkpoint or end")
        whole.update(raw)
    where, due = f"entry {sequence + 1}", sequence + 1
    need(ended, "the file is cut off: its end is missing")
    need(not seen or int(seen_sequence) <= sequence, f"it is gone: you saw entry {seen_sequence}")
    need(key in ("", signer), f"the last checkpoint is not signed by {key}")
    proved = {"entries": sequence, "sealed": sealed, "checkpoints": checkpoints, "signer": signer}
    return {**proved, "totals": totals, "last": f"{sequence}:{last}"}


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


# Ed25519 (RFC 8032). Points of the curve are (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z.
P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int, int, int]


def is_signed(line: dict[str, Any]) -> bool:
    """Whether R = s·B - k·A for the checkpoint's key A and signature (R, s); k binds its text to both."""
    signature = line.pop("signature", "")
    if not re.fullmatch("[0-9a-f]{64} [0-9a-f]{128}", f"{line['key']} {signature}"):
        return False
    key, r, s = bytes.fromhex(line["key"]), bytes.fromhex(signature[:64]), bytes.fromhex(signature[64:])
    message = b"entraide-journal-checkpoint-1\n" + canonical(line)
    k = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % ORDER
    (x, y, z, t), base = decode(key), decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
    x, y, z, t = add(times(int.from_bytes(s, "little"), base), times(k, (P - x, y, z, P - t)))
    x, y = x * pow(z, -1, P) % P, y * pow(z, -1, P) % P
    return int.from_bytes(s, "little") < ORDER and (y | (x & 1) << 255).to_bytes(32, "little") == r


def decode(data: bytes) -> Point:
    y, sign = int.from_bytes(data, "little") % 2**255, data[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P


def add(a: Point, b: Point) -> Point:
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    return (f - e) * (h - g) % P, (h + g) * (f + e) % P, (h - g) * (h + g) % P, (f - e) * (f + e) % P


def times(number: int, point: Point) -> Point:
    rest = times(number >> 1, add(point, point)) if number else (0, 1, 1, 0)
    return add(rest, point) if number & 1 else rest


if __name__ == "__main__":
    options = argparse.ArgumentParser(description="Check the export of an Entraide journal.")
    options.add_argument("file", type=argparse.FileType("rb"))
    options.add_argument("--key", default="", help="the public key you trust")
    options.add_argument("--seen", default="", help="an entry you saw earlier, SEQUENCE:HASH")
    given = options.parse_args()
    try:
        with given.file as lines:
            proved = verify(lines, given.key, given.seen)
    except Bad as bad:
        sys.exit(f"BAD  {bad.args[0]}")
    for total in proved.pop("totals"):
        sys.stdout.write("{quantity:>14} {unit:<12} {kind:<28} {cause} ({entries} entries)\n".format(**total))
    said = "OK  {entries} entries ({sealed} sealed), {checkpoints} checkpoints by {signer}\nlast {last}\n"
    sys.stdout.write(said.format(**proved))
