"""A body that a client has already is not sent again: RFC 9110 §13."""

from datetime import UTC, datetime

import pytest
from starlette.requests import Request

from common.etags import unless_known

CHANGED = datetime(2026, 11, 22, 9, 30, 15, 500_000, tzinfo=UTC)
SAME = "Sun, 22 Nov 2026 09:30:15 GMT"
TAG = unless_known(Request({"type": "http", "headers": []}), b"x", "text/plain", "no-cache").headers["etag"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 200, id="sans rien"),
        pytest.param({"if-none-match": TAG}, 304, id="son étiquette"),
        pytest.param({"if-none-match": f'"a", W/{TAG}'}, 304, id="l'une d'elles, faible"),
        pytest.param({"if-none-match": "*"}, 304, id="n'importe laquelle"),
        pytest.param({"if-none-match": '"a"'}, 200, id="une autre"),
        pytest.param({"if-modified-since": SAME}, 304, id="l'instant du dernier changement"),
        pytest.param({"if-modified-since": "Sun, 22 Nov 2026 09:30:14 GMT"}, 200, id="une seconde avant"),
        pytest.param({"if-modified-since": "Sun, 22 Nov 2026 10:30:15 GMT"}, 304, id="une heure après"),
        pytest.param({"if-modified-since": "hier"}, 200, id="pas une date"),
        pytest.param({"if-modified-since": "Sun, 22 Nov 2026 09:30:15 -0000"}, 200, id="une date sans fuseau"),
        pytest.param({"if-none-match": '"a"', "if-modified-since": SAME}, 200, id="l'étiquette décide"),
    ],
)
def test_what_a_client_has_already_is_not_sent(headers: dict[str, str], status: int) -> None:
    request = Request({"type": "http", "headers": [(name.encode(), value.encode()) for name, value in headers.items()]})
    answer = unless_known(request, b"x", "text/plain", "no-cache", CHANGED)
    assert (answer.status_code, answer.body) == (status, b"x" if status == 200 else b"")
    assert (answer.headers["etag"], answer.headers["last-modified"]) == (TAG, SAME)


def test_without_an_instant_only_the_tag_counts() -> None:
    request = Request({"type": "http", "headers": [(b"if-modified-since", SAME.encode())]})
    answer = unless_known(request, b"x", "text/plain", "no-cache")
    assert (answer.status_code, "last-modified" in answer.headers) == (200, False)
