"""What the accounts of the federation are for: others name an account by its purpose, and never write its number."""

from common.labels import Labelled


class Purpose(Labelled):
    """What an account is for; each has one account."""

    MEMBER = "member", "ce que doit une structure"
    ADVANCE = "advance", "ce qu'une structure a versé d'avance ou en trop"
    BANK = "bank", "l'argent en banque"
    TO_DEPOSIT = "to_deposit", "les chèques et espèces à déposer"
    BANK_CHARGE = "bank_charge", "ce que prend la banque"
    WAITING = "waiting", "l'argent reçu dont on ne sait pas encore de qui"
    INCOME = "income", "les cotisations appelées"
    SHARE = "share", "la part des cotisations qui revient à d'autres"
    DELEGATION = "delegation", "ce qui est dû à une délégation"
    FUND = "fund", "ce qui est dû au fonds mutualisé"
    LOSS = "loss", "ce qui ne sera jamais réglé"
    DIFFERENCE = "difference", "les écarts de règlement"
    BROUGHT_FORWARD = "brought_forward", "ce qui vient des exercices d'avant"
