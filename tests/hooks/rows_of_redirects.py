"""Both drivers: redirects, and what becomes of a token."""

from __future__ import annotations

import json

from drivers import Ask, Row
from hostile_server import http
from row_servers import (
    BACKOFF,
    GOOD,
    OK,
    SECRET,
    TOKEN,
    in_session,
    post,
    raw,
    reset,
    run,
    status,
)
from rows_of_the_network import LOST


def to(code: int, where: str) -> bytes:
    return status(f"{code} Moved", f"Location: {where}")


REDIRECTS = [
    *(
        Row(f"{code} on the same server", raw(to(code, "/y"), OK), run(), (rf'^{code} > 200 \{{"ok": 1\}}$',), 2)
        for code in (301, 302, 303, 307, 308)
    ),
    *(
        Row(f"{code} of a POST keeps it", raw(to(code, "HOST/y?q=1"), OK), post(), (rf"^{code} > 200",), 2)
        for code in (307, 308)
    ),
    *(
        Row(f"{code} of a POST is refused", raw(to(code, "/y"), OK), post(), (rf"answered {code}",))
        for code in (301, 302)
    ),
    Row("303 of a POST is a GET", raw(to(303, "/y"), OK), post(), ("^303 > 200",), 2),
    *(
        Row(
            f"{way} to another server",
            raw(to(307, "http://127.0.0.1:1/y?token=t0p")),
            (Ask(way),),
            ("^ForeignOriginError: ",),
            absent=("t0p",),
        )
        for way in ("run", "session")
    ),
    Row("a circle", raw(to(302, "/x")), run(), ("^ApiConnectionError: .*in circles",), 31),
    Row("a circle in a session", raw(to(302, "/x")), in_session(), ("^TooManyRedirects: ",), 31),
    Row("a session that follows none", raw(to(302, "/y")), in_session(allow_redirects=False), ("^302 ",)),
    Row("no Location", raw(status("302 Moved")), run(), ("^(ApiError|302)",)),
    Row("a Location that is no URL", raw(to(302, "http://[")), run(), ("Error: ",)),
    Row(
        "a leg that is busy is sent again alone",
        raw(to(302, "/y"), status("503 X"), OK),
        run(),
        ("^302 > 200",),
        3,
        waits=BACKOFF[:1],
        said=("GET /y: status 503",),
    ),
    Row("a 401 on the way", raw(to(302, "/y"), status("401 No"), OK), run(), ("200",), 3, 2),
    Row(
        "a secret in an error after one",
        raw(to(302, "/y?token=t0p"), status("404 No")),
        run(),
        ("^ApiError: ",),
        2,
        absent=("t0p",),
    ),
]


# Tokens


def token(text: str) -> bytes:
    return http(json.dumps({"access_token": text, "token_type": "Bearer", "expires_in": 300}).encode())


TOKENS = [
    Row("401 once", raw(status("401 No"), OK, token=(token("t1"), token("t2"))), run(), ("401 > 200",), 2, 2),
    Row(
        "401 twice",
        raw(status("401 No"), token=(token("t1"), token("t2"))),
        run(),
        ("^ApiUnauthorizedError: ",),
        2,
        2,
        absent=("t1", "t2"),
    ),
    Row("401 of a POST", raw(status("401 No"), OK, token=(token("t1"), token("t2"))), post(), ("200",), 2, 2),
    Row("the same token again", raw(status("401 No"), OK, token=(token("t1"),)), run(), ("200|Unauthorized",), None, 2),
    Row(
        "the secret is wrong",
        raw(OK, token=(http(b'{"error": "invalid_client"}', status="401 No"),)),
        run(),
        ("^InvalidClientError: ",),
        0,
        absent=(SECRET,),
    ),
    *(
        Row(
            f"the token endpoint says {code}",
            raw(OK, token=(http(json.dumps({"error": code}).encode(), status="400 Bad"),)),
            run(),
            (rf"^{error}: .*\| {code} \|",),
            0,
            tokens,
        )
        for code, error, tokens in (
            ("invalid_grant", "InvalidGrantError", 1),
            ("invalid_request", "InvalidRequestError", 1),
            ("invalid_scope", "InvalidScopeError", 1),
            ("unauthorized_client", "UnauthorizedClientError", 1),
            ("unsupported_grant_type", "UnsupportedGrantTypeError", 1),
        )
    ),
    Row(
        "the token endpoint forbids",
        raw(OK, token=(http(b"{}", status="403 No"),)),
        run(),
        ("^TokenForbiddenError",),
        0,
    ),
    Row(
        "there is no token endpoint", raw(OK, token=(http(b"{}", status="404 No"),)), run(), ("^TokenEndpointError",), 0
    ),
    Row("no token in the answer", raw(OK, token=(http(b"<p>", status="200 OK"),)), run(), ("^TokenResponseError",), 0),
    Row(
        "the token endpoint is busy",
        raw(OK, token=(http(b"{}", status="503 No"), token("t1"))),
        run(),
        (GOOD,),
        1,
        2,
        waits=BACKOFF[:1],
        said=("503",),
    ),
    Row(
        "and stays so",
        raw(OK, token=(http(b"{}", status="503 No"),)),
        run(),
        ("^TokenUnavailableError",),
        0,
        3,
        waits=BACKOFF,
        said=("503", "503"),
    ),
    Row(
        "a renewal after 401 that is refused",
        raw(status("401 No"), token=(token("t1"), http(b'{"error": "invalid_client"}', status="400 No"))),
        run(),
        ("^InvalidClientError: ",),
        1,
        2,
    ),
    Row(
        "a secret that is echoed",
        raw(status("400 No", body=b'{"error": {"message": "Bearer acc3ss"}}')),
        run(),
        ("^ApiError: ",),
        absent=(TOKEN,),
    ),
    Row(
        "a secret in the query",
        raw(status("404 No")),
        run("/x?token=t0p&a=1", params={"api_key": "t0p"}),
        ("^ApiError: ",),
        absent=("t0p",),
    ),
    Row(
        "and where nothing answers",
        raw(reset, max_attempts=2),
        run(params={"api_key": "t0p"}),
        (LOST,),
        2,
        waits=BACKOFF[:1],
        said=("GET /x",),
        absent=("t0p",),
    ),
]


# Bodies and arguments
