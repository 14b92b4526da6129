"""The base of this service's tables, with metadata of its own."""

from sqlmodel import SQLModel

from common.accounting.tables import keep_ledger
from common.tables import new_registry


class Base(SQLModel, registry=new_registry()):
    """Every table of dues."""


keep_ledger(Base.metadata)
