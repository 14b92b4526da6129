"""What a person may type holds in a mail, and an address that may be given can be written to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import EmailStr, TypeAdapter, ValidationError

from common.characters import one_line, writable
from common.smtp import address_of
from common.types import LongText, Text

_REFUSED = None
TEXT: TypeAdapter[str] = TypeAdapter(Text)
LONG_TEXT: TypeAdapter[str] = TypeAdapter(LongText)
EMAIL: TypeAdapter[str] = TypeAdapter(EmailStr)


def accepted(shape: TypeAdapter[str], text: str) -> str | None:
    try:
        return shape.validate_python(text)
    except ValidationError:
        return _REFUSED


@pytest.mark.parametrize(
    ("typed", "as_a_line", "as_a_text"),
    [
        pytest.param("L’été", "L’été", "L’été", id="une apostrophe et des accents"),
        pytest.param("10\u202f000\xa0€", "10\u202f000\xa0€", "10\u202f000\xa0€", id="des espaces insécables"),
        pytest.param("a\u200db 👩‍🔧", "a\u200db 👩‍🔧", "a\u200db 👩‍🔧", id="des signes qui se joignent"),
        pytest.param("a\nb", "a b", "a\nb", id="un saut de ligne"),
        pytest.param("a\tb", "a b", "a\tb", id="une tabulation"),
        pytest.param("a\u2028b", "a b", "a\u2028b", id="un séparateur de lignes"),
        pytest.param("a\u2029b", "a b", "a\u2029b", id="un séparateur de paragraphes"),
        pytest.param("a\rb", _REFUSED, _REFUSED, id="un retour chariot"),
        pytest.param("a\x00b", _REFUSED, _REFUSED, id="un caractère nul"),
        pytest.param("a\x1bb", _REFUSED, _REFUSED, id="un échappement"),
        pytest.param("a\x7fb", _REFUSED, _REFUSED, id="un effacement"),
        pytest.param("a\x85b", _REFUSED, _REFUSED, id="une ligne suivante"),
        pytest.param("L\x92essentiel", _REFUSED, _REFUSED, id="une apostrophe de Windows lue en latin-1"),
        pytest.param("a\x9fb", _REFUSED, _REFUSED, id="le dernier caractère de contrôle"),
        pytest.param("a\ud83db", _REFUSED, _REFUSED, id="une moitié de caractère"),
    ],
)
def test_what_is_typed_is_kept_on_one_line_or_refused(typed: str, as_a_line: str | None, as_a_text: str | None) -> None:
    assert (accepted(TEXT, typed), accepted(LONG_TEXT, typed)) == (as_a_line, as_a_text)


@given(st.text(min_size=1, max_size=20))
def test_what_is_accepted_is_sent_as_it_is(typed: str) -> None:
    line, text = accepted(TEXT, typed), accepted(LONG_TEXT, typed)
    assert (line is None) == (text is None)
    assert line is None or one_line(line) == line
    assert text is None or writable(text) == text


@given(st.text(max_size=20))
def test_what_is_written_is_one_line_and_keeps_its_length(text: str) -> None:
    line = one_line(text)
    assert (len(line), len(line.splitlines() or [""])) == (len(text), 1)
    assert len(writable(text)) == len(text)


@pytest.mark.parametrize(
    ("given_as", "domain"),
    [
        pytest.param("achats@א1.com", "xn--1-zhc.com", id="de droite à gauche, un chiffre à la fin"),
        pytest.param("accueil@école.example.org", "xn--cole-9oa.example.org", id="un accent"),
        pytest.param("accueil@straße.de", "xn--strae-oqa.de", id="une lettre que l'ancien usage écrivait « ss »"),
        pytest.param("accueil@B。COM", "b.com", id="un point d'une autre écriture"),
    ],
)
def test_an_address_that_may_be_given_can_be_written_to(given_as: str, domain: str) -> None:
    assert address_of(EMAIL.validate_python(given_as)).domain == domain


@given(
    st.builds("{}@{}.{}".format, st.text(min_size=1, max_size=4), st.text(max_size=4), st.sampled_from(["fr", "א1"]))
)
def test_whatever_the_api_takes_for_an_address_can_be_written_to(given_as: str) -> None:
    if (address := accepted(EMAIL, given_as)) is not None:
        assert address_of(address).addr_spec.rpartition("@")[2].isascii()
