"""Statements written for the tests, each valid against the schema of its version (``test_reading``)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from xml.sax.saxutils import escape

ACCOUNT = "FR7600000000000000000000097"
PAYER = "FR7630006000011234567890189"


@dataclass(frozen=True)
class Entry:
    """One entry of one payment."""

    amount: str = "800.00"
    text: str = "Cotisation"
    party: str = "Une structure"
    iban: str | None = None
    reference: str | None = None
    end_to_end: str = "NOTPROVIDED"
    returned: str | None = None
    day: str = "2026-03-03"
    batch: str | None = None
    charges: str | None = None
    structured: str | None = None
    bank_code: str | None = None
    payments: "tuple[Entry, ...]" = ()
    """Of a batch, what it is made of; it then says nothing else of itself."""

    def xml(self) -> str:
        batch = f"<Btch><PmtInfId>{self.batch}</PmtInfId></Btch>" if self.batch else ""
        charges = f'<Chrgs><Rcrd><Amt Ccy="EUR">{self.charges}</Amt></Rcrd></Chrgs>' if self.charges else ""
        return (
            f"<Ntry>{self._moved()}<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{self.day}</Dt></BookgDt>"
            + (f"<AcctSvcrRef>{self.reference}</AcctSvcrRef>" if self.reference else "")
            + f"<BkTxCd>{self._code()}</BkTxCd>{charges}<NtryDtls>{batch}"
            + "".join(one.details(whole=False) for one in self.payments or ())
            + ("" if self.payments else self.details(whole=True))
            + "</NtryDtls></Ntry>"
        )

    def details(self, *, whole: bool) -> str:
        """Write the payment; of a batch, with its own amount."""
        role = "Dbtr" if (Decimal(self.amount) > 0) != bool(self.returned) else "Cdtr"
        account = f"<{role}Acct><Id><IBAN>{self.iban}</IBAN></Id></{role}Acct>" if self.iban else ""
        structured = f"<Strd><CdtrRefInf><Ref>{self.structured}</Ref></CdtrRefInf></Strd>" if self.structured else ""
        return (
            f"<TxDtls><Refs><EndToEndId>{self.end_to_end}</EndToEndId></Refs>"
            + ("" if whole else self._moved())
            + f"<RltdPties><{role}><Pty><Nm>{escape(self.party)}</Nm></Pty></{role}>{account}</RltdPties>"
            f"<RmtInf><Ustrd>{escape(self.text)}</Ustrd>{structured}</RmtInf>"
            + (f"<RtrInf><Rsn><Cd>{self.returned}</Cd></Rsn></RtrInf>" if self.returned else "")
            + "</TxDtls>"
        )

    def _code(self) -> str:
        if self.bank_code is None:
            return ""
        domain, family, sub_family = self.bank_code.split("/")
        families = f"<Fmly><Cd>{family}</Cd><SubFmlyCd>{sub_family}</SubFmlyCd></Fmly>"
        return f"<Domn><Cd>{domain}</Cd>{families}</Domn>"

    def _moved(self) -> str:
        amount = Decimal(self.amount)
        side = "CRDT" if amount > 0 else "DBIT"
        return f'<Amt Ccy="EUR">{abs(amount)}</Amt><CdtDbtInd>{side}</CdtDbtInd>'


def statement(
    entries: Sequence[Entry],
    *,
    reference: str = "R-1",
    opening: str = "0.00",
    closing: str | None = None,
    opened_on: str = "2026-03-02",
    closed_on: str = "2026-03-08",
) -> str:
    """Write one statement; without a closing balance, the one that its entries make."""
    made = Decimal(opening) + sum((Decimal(entry.amount) for entry in entries), Decimal(0))
    return (
        f"<Stmt><Id>{reference}</Id><CreDtTm>2026-03-09T06:00:00</CreDtTm>"
        f"<Acct><Id><IBAN>{ACCOUNT}</IBAN></Id><Ccy>EUR</Ccy></Acct>"
        + _balance("OPBD", Decimal(opening), opened_on)
        + _balance("CLBD", Decimal(closing) if closing else made, closed_on)
        + "".join(entry.xml() for entry in entries)
        + "</Stmt>"
    )


def bank_file(*statements: str, version: str = "08") -> bytes:
    """Write a file of statements."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt>'
        "<GrpHdr><MsgId>ESSAI</MsgId><CreDtTm>2026-03-09T06:00:00</CreDtTm></GrpHdr>"
        f"{''.join(statements)}</BkToCstmrStmt></Document>"
    ).encode()


def _balance(kind: str, amount: Decimal, day: str) -> str:
    side = "CRDT" if amount >= 0 else "DBIT"
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{abs(amount)}</Amt>'
        f"<CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )
