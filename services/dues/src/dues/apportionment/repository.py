"""Saves the parts of the money that came in; the only writer of their table."""

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import insert

from common.identifiers import new_id
from common.transaction import Tx
from dues.apportionment.domain import Announced, CashMovement, delegation_of
from dues.apportionment.tables import CashPartRow


async def add(tx: Tx, movement: CashMovement, call: Announced, parts: Mapping[str, Decimal]) -> None:
    """Insert the parts of a movement, of the day of this act."""
    values = [
        {
            "id": new_id(),
            "movement_id": movement.id,
            "beneficiary": code,
            "delegation": delegation_of(code),
            "amount": amount,
            "day": tx.today,
            "piece": movement.piece,
            "invoice_id": call.invoice_id,
            "invoice_number": call.number,
            "year": call.year,
            "member_name": call.member_name,
        }
        for code, amount in parts.items()
    ]
    await tx.session.execute(insert(CashPartRow), values)
