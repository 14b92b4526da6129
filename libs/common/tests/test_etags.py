"""A body that a client has already is not sent again: RFC 9110 §13."""

import pytest
from starlette.requests import Request

from common.etags import unless_known

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
        pytest.param({"if-modified-since": SAME}, 200, id="un instant ne dit rien"),
        pytest.param({"if-none-match": '"a"', "if-modified-since": SAME}, 200, id="l'étiquette seule décide"),
    ],
)
def test_what_a_client_has_already_is_not_sent(headers: dict[str, str], status: int) -> None:
    request = Request({"type": "http", "headers": [(name.encode(), value.encode()) for name, value in headers.items()]})
    answer = unless_known(request, b"x", "text/plain", "no-cache")
    assert (answer.status_code, answer.body) == (status, b"x" if status == 200 else b"")
    assert (answer.headers["etag"], "last-modified" in answer.headers) == (TAG, False)
