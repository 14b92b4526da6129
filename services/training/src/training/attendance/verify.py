"""Vérifie un registre d'émargement et, s'ils sont donnés, les sceaux publics. Bibliothèque standard seule, Python 3.11.

    python verifier.py registre.json [sceaux.json]

``registre.json`` : la réponse de ``GET /training/v1/sessions/{id}/attendance/ledger``. ``sceaux.json`` : celles de
``GET /training/v1/attendance/seals``, une page ou la liste de leurs ``items``. Chaque ligne est écrite en JSON : clés
dans l'ordre alphabétique, sans espaces, UTF-8 ; son empreinte est SHA-256. Rend 0 si tout se tient, 1 sinon.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

GENESIS = "0" * 64
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def canonical(content: dict[str, Any]) -> bytes:
    """Write a content as it is hashed and signed."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def hashed(content: dict[str, Any]) -> str:
    """Return the hash of a content."""
    return hashlib.sha256(canonical(content)).hexdigest()


def ledger_faults(ledger: dict[str, Any]) -> Iterator[str]:
    """Say what is broken of a ledger, and where."""
    if ledger.get("format") != "coorace-attendance-1":
        yield "Ce fichier n'est pas un registre d'émargement de ce format."
        return
    previous, seen = GENESIS, set()
    for place, line in enumerate(ledger["entries"], start=1):
        content = {name: value for name, value in line.items() if name != "hash"}
        number = content["number"]
        if number != place:
            yield f"Ligne {place} attendue, ligne {number} trouvée : une ligne manque, ou n'est pas à sa place."
            return
        if content["session"] != ledger["session"]:
            yield f"La ligne {number} est d'une autre session."
        if content["previous"] != previous:
            yield f"La ligne {number} ne suit pas la ligne {number - 1} : la chaîne est rompue."
        if hashed(content) != line["hash"]:
            yield f"Le contenu de la ligne {number} n'est pas celui dont l'empreinte fut prise."
        if content["corrects"] is not None and content["corrects"] not in seen:
            yield f"La ligne {number} corrige la ligne {content['corrects']}, qui n'est pas avant elle."
        previous = line["hash"]
        seen.add(number)


def device_faults(ledger: dict[str, Any]) -> Iterator[str]:
    """Say what is broken of what devices signed without network."""
    keys = {device["id"]: device["public_key"] for device in ledger["devices"]}
    last: dict[str, tuple[int, str]] = {}
    for line in ledger["entries"]:
        if line["device_number"] is None:
            continue
        number, device = line["number"], line["device"]
        if device not in keys:
            yield f"La ligne {number} vient d'un appareil dont la clé n'est pas au registre."
            continue
        before = last.get(device, (0, GENESIS))
        content = written_by_device(line)
        if (line["device_number"], line["device_previous"]) != (before[0] + 1, before[1]):
            yield f"La ligne {number} ne suit pas la précédente de son appareil : son ordre n'est pas prouvé."
        if not is_signed(bytes.fromhex(keys[device]), canonical(content), bytes.fromhex(line["device_signature"])):
            yield f"La ligne {number} n'est pas signée par la clé de son appareil."
        last[device] = (line["device_number"], hashed(content))


def written_by_device(line: dict[str, Any]) -> dict[str, Any]:
    """Return what a device had signed of a line."""
    same = {name: line[name] for name in ("device", "session", "slot", "kind", "enrolment", "reason", "stroke")}
    return {
        **same,
        "at": line["device_at"],
        "number": line["device_number"],
        "previous": line["device_previous"],
        "hours": line["hours"] if line["kind"] == "partial" else None,
    }


def seal_faults(ledger: dict[str, Any], seals: list[dict[str, Any]]) -> Iterator[str]:
    """Say what is broken of the seals, and where the ledger is not what was sealed."""
    previous = GENESIS
    hashes = {line["number"]: line["hash"] for line in ledger["entries"]}
    session = hashlib.sha256(ledger["session"].encode()).hexdigest()
    for place, seal in enumerate(sorted(seals, key=lambda one: one["number"]), start=1):
        content = seal["content"]
        if not seal["number"] == content["number"] == place:
            yield f"Sceau {place} attendu, sceau {seal['number']} trouvé : il faut les donner tous."
            return
        if content["previous"] != previous:
            yield f"Le sceau {place} ne suit pas celui d'avant."
        if hashed(content) != seal["hash"]:
            yield f"Le contenu du sceau {place} n'est pas celui dont l'empreinte fut prise."
        for head in content["heads"]:
            if head["session"] == session and hashes.get(head["number"]) != head["hash"]:
                yield f"Le sceau {place} porte la ligne {head['number']} : le registre ne l'a pas, ou l'a autrement."
        previous = seal["hash"]


def is_signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Verify an Ed25519 signature (RFC 8032, §5.1.7)."""
    if len(key) != 32 or len(signature) != 64:
        return False
    a, r = _point(key), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % Q
    left, right = _times(s, _base()), _add(r, _times(h, a))
    return not ((left[0] * right[2] - right[0] * left[2]) % P or (left[1] * right[2] - right[1] * left[2]) % P)


def _base() -> Point:
    y = 4 * pow(5, P - 2, P) % P
    x = _x(y, 0) or 0
    return (x, y, 1, x * y % P)


def _x(y: int, sign: int) -> int | None:
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * SQRT_M1 % P
    if (x * x - square) % P:
        return None
    return P - x if x & 1 != sign else x


def _point(written: bytes) -> Point | None:
    y = int.from_bytes(written, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = _x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def _add(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _times(factor: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            total = _add(total, point)
        point, factor = _add(point, point), factor >> 1
    return total


def say(sentence: str) -> None:
    """Write a line."""
    sys.stdout.write(sentence + "\n")


def main(paths: list[str]) -> int:
    """Read the files, print what is broken, in French."""
    if len(paths) not in (1, 2):
        say("Usage : python verifier.py registre.json [sceaux.json]")
        return 2
    documents = [json.loads(Path(path).read_text(encoding="utf-8")) for path in paths]
    ledger = documents[0]
    faults = list(ledger_faults(ledger))
    if not faults:
        faults += device_faults(ledger)
    if len(documents) == 2:
        seals = documents[1]["items"] if isinstance(documents[1], dict) else documents[1]
        faults += seal_faults(ledger, seals)
    for fault in faults:
        say(fault)
    if not faults:
        count = len(ledger["entries"])
        lines = f"{count} ligne{'s' if count > 1 else ''}"
        sealed = " et ses sceaux se tiennent" if len(documents) == 2 else " se tient"
        say(f"Le registre de la session {ledger['session']}, {lines},{sealed}.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
