"""Signing without network: a device's key is registered while there is one; what it wrote is added when it is back."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from common.identifiers import new_id
from common.rights import Grant
from common.transaction import Tx
from training.attendance import domain, repository
from training.attendance.domain import (
    Device,
    DeviceChainBroken,
    DeviceProof,
    Entry,
    Kind,
    Method,
    Said,
    Sheet,
    TrainerUnnamed,
    Written,
)
from training.attendance.queries.reach import Reached, taught
from training.attendance.schemas import DeviceEntryIn, DeviceIn, DeviceSyncIn
from training.attendance.use_cases.ledger import settle


async def register(tx: Tx, grant: Grant, session_id: UUID, given: DeviceIn) -> Device:
    """Let a trainer's device sign for a session without network. Raises SessionNotFound, TrainerUnnamed."""
    found = await taught(tx, grant, session_id)
    trainer_id = found.trainer_id or given.trainer_id
    if trainer_id is None or not any(trainer_id in slot.trainers for slot in found.session.slots):
        raise TrainerUnnamed("Dites de quel formateur de la session est cet appareil (trainer_id).")
    device = Device(
        id=new_id(),
        session_id=session_id,
        trainer_id=trainer_id,
        label=given.label,
        public_key=given.public_key,
        registered_at=tx.now,
    )
    await repository.add_device(tx, device)
    return device


async def sync(
    tx: Tx, grant: Grant, session_id: UUID, device_id: UUID, given: DeviceSyncIn
) -> tuple[Device, Sequence[Entry]]:
    """Add what a device wrote, in its order; what it sent before is passed over. Return the device and what is new.

    What cannot count any more is kept beside what does, and shown: nothing is overwritten, nothing is lost.

    Raises SessionNotFound, DeviceNotFound, DeviceChainBroken, SessionNotOpen.
    """
    found = await taught(tx, grant, session_id)
    head = await repository.hold(tx, session_id)
    device = await repository.get_device(tx, session_id, device_id)
    lines = await repository.entries_of(tx, session_id)
    after, new = domain.follows(device, [_written(one, device) for one in given.entries], _sent(device, lines))
    drift = round((given.clock - tx.now).total_seconds())
    known = len(lines)
    for one in new:
        _require_signed(one, device)
        proof = DeviceProof(number=one.number, previous=one.previous, at=one.at, signature=one.signature, drift=drift)
        said = domain.arrived(_sheet(found, one, lines), replace(one.said, proof=proof), _ids(found))
        head, added = domain.follow(head, said, tx.now, tx.actor.subject)
        lines += added
    if new:
        await repository.save_device(tx, after)
        await settle(tx, found.session, head, lines[known:])
    return after, lines[known:]


def _sheet(found: Reached, one: Written, lines: Sequence[Entry]) -> Sheet | None:
    slot = next((slot for slot in found.session.slots if slot.id == one.said.slot_id), None)
    if slot is None:
        return None
    return domain.sheet_of(slot, [line for line in lines if line.said.slot_id == slot.id])


def _sent(device: Device, lines: Sequence[Entry]) -> dict[int, str]:
    """Return the hashes of what a device sent before, by number, from the ledger."""
    found = {}
    for line in lines:
        said, proof = line.said, line.said.proof
        if proof is not None and said.device == str(device.id):
            hours = said.hours if said.kind is Kind.PARTIAL else None
            written = Written(replace(said, hours=hours), proof.number, proof.previous, proof.at, proof.signature)
            found[proof.number] = domain.hashed(written.content(device))
    return found


def _require_signed(written: Written, device: Device) -> None:
    """Let in only what the key of the device has signed. Raises DeviceChainBroken."""
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(device.public_key))
    try:
        key.verify(bytes.fromhex(written.signature), domain.signed_bytes(written, device))
    except InvalidSignature:
        raise DeviceChainBroken(f"La ligne {written.number} n'est pas signée par la clé de l'appareil.") from None


def _ids(found: Reached) -> set[UUID]:
    return {seat.enrolment_id for seat in found.seats}


def _written(one: DeviceEntryIn, device: Device) -> Written:
    said = Said(
        slot_id=one.slot_id,
        kind=one.kind,
        method=Method.OFFLINE,
        enrolment_id=one.enrolment_id,
        trainer_id=device.trainer_id,
        hours=one.hours,
        reason=one.reason,
        device=str(device.id),
        stroke=one.stroke,
    )
    return Written(said, one.number, one.previous, one.at, one.signature)
