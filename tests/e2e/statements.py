"""What the bank of the demonstration's account sends."""

from datetime import date
from decimal import Decimal

ACCOUNT = "FR7600000000000000000000097"


def statement(name: str, day: date, *credits_: tuple[str, str]) -> bytes:
    """Write a camt.053 statement of that account: amounts received on a day, and what the payer wrote."""
    today = day.isoformat()
    total = sum((Decimal(amount) for amount, _ in credits_), Decimal(0))

    def balance(kind: str, amount: Decimal) -> str:
        return (
            f'<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt>'
            f"<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{today}</Dt></Dt></Bal>"
        )

    entries = "".join(
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        f"<BookgDt><Dt>{today}</Dt></BookgDt><AcctSvcrRef>{name}-{rank}</AcctSvcrRef><BkTxCd/>"
        f"<NtryDtls><TxDtls><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
        for rank, (amount, text) in enumerate(credits_)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>{name}</MsgId><CreDtTm>{today}T06:00:00</CreDtTm></GrpHdr>"
        f"<Stmt><Id>{name}</Id><CreDtTm>{today}T06:00:00</CreDtTm>"
        f"<Acct><Id><IBAN>{ACCOUNT}</IBAN></Id><Ccy>EUR</Ccy></Acct>"
        f"{balance('OPBD', Decimal('0.00'))}{balance('CLBD', total)}{entries}</Stmt></BkToCstmrStmt></Document>"
    ).encode()
