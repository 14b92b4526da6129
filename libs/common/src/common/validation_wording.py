"""Validation faults in French, for the codes a client of the APIs meets."""

from collections.abc import Mapping
from typing import Any

_SENTENCES = {
    "missing": "Ce champ est obligatoire.",
    "extra_forbidden": "Ce champ n'est pas prévu ici.",
    "json_invalid": "Le corps de la demande n'est pas du JSON valable.",
    "string_type": "Une chaîne de caractères est attendue.",
    "string_too_short": "Le texte est trop court : {min_length} caractère(s) au moins.",
    "string_too_long": "Le texte est trop long : {max_length} caractère(s) au plus.",
    "string_pattern_mismatch": "Le texte n'a pas la forme attendue.",
    "string_unicode": "Le texte contient un caractère illisible.",
    "int_type": "Un nombre entier est attendu.",
    "int_parsing": "Un nombre entier est attendu.",
    "int_from_float": "Un nombre entier est attendu.",
    "decimal_type": "Un montant décimal est attendu.",
    "decimal_parsing": "Un montant décimal est attendu.",
    "bool_type": "Vrai ou faux est attendu.",
    "bool_parsing": "Vrai ou faux est attendu.",
    "uuid_type": "Un identifiant (UUID) est attendu.",
    "uuid_parsing": "Un identifiant (UUID) est attendu.",
    "date_type": "Une date est attendue, au format AAAA-MM-JJ.",
    "date_parsing": "Une date est attendue, au format AAAA-MM-JJ.",
    "date_from_datetime_parsing": "Une date est attendue, au format AAAA-MM-JJ.",
    "datetime_parsing": "Un instant est attendu, au format ISO 8601.",
    "enum": "Valeur inconnue. Valeurs admises : {expected}.",
    "literal_error": "Valeur inconnue. Valeurs admises : {expected}.",
    "union_tag_not_found": "Le champ {discriminator} est obligatoire : il dit de quoi il s'agit.",
    "union_tag_invalid": "Valeur inconnue de {discriminator}. Valeurs admises : {expected_tags}.",
    "greater_than": "La valeur doit être supérieure à {gt}.",
    "greater_than_equal": "La valeur doit être au moins {ge}.",
    "less_than": "La valeur doit être inférieure à {lt}.",
    "less_than_equal": "La valeur doit être au plus {le}.",
    "list_type": "Une liste est attendue.",
    "too_short": "Il faut au moins {min_length} élément(s).",
    "too_long": "Il faut au plus {max_length} élément(s).",
    "dict_type": "Un objet est attendu.",
    "model_type": "Un objet est attendu.",
    "model_attributes_type": "Un objet JSON est attendu, avec l'en-tête Content-Type: application/json.",
    "finite_number": "Un nombre fini est attendu.",
}


def explain(fault: Mapping[str, Any]) -> str:
    """Return the French sentence of one pydantic fault; a rule of ours speaks French already.

    >>> explain({"type": "string_too_long", "ctx": {"max_length": 35}})
    'Le texte est trop long : 35 caractère(s) au plus.'
    """
    context = fault.get("ctx") or {}
    if fault["type"] == "value_error" and "error" in context:
        sentence = str(context["error"])
        return sentence[:1].upper() + sentence[1:]
    template = _SENTENCES.get(fault["type"], "Cette valeur n'est pas admise.")
    return template.format_map(context) if "{" in template else template
