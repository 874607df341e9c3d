"""Both drivers: what a status means."""

from __future__ import annotations

import json

from drivers import Row
from row_servers import (
    BACKOFF,
    GOOD,
    OK,
    SECRET,
    TOKEN,
    in_session,
    post,
    raw,
    run,
    status,
)


def error_of_status(line: str, error: str, advice: str, *headers: str) -> Row:
    body = json.dumps({"error": {"message": f"No. {TOKEN} Bearer {TOKEN}"}}).encode()
    return Row(
        f"{line} is an error",
        raw(status(line, *headers, body=body)),
        post(),
        (rf"^{error}: POST http://127.0.0.1:PORT/x answered {line[:3]}.*{advice}.* \| {line[:3]} \| ",),
        absent=(TOKEN, SECRET),
    )


STATUSES = [
    error_of_status("400 Bad", "ApiError", ""),
    error_of_status("403 Forbidden", "ApiForbiddenError", "right"),
    error_of_status("404 Not Found", "ApiError", "ids"),
    error_of_status("409 Conflict", "ApiError", "contradicts"),
    error_of_status("413 Large", "ApiError", "less"),
    error_of_status("418 Teapot", "ApiError", ""),
    error_of_status("422 No", "ApiError", "fields"),
    error_of_status("500 Oops", "ApiServerError", "failed"),
    error_of_status("501 No", "ApiServerError", "method"),
    error_of_status("503 Busy", "ApiServerError", "later"),
    error_of_status("504 Late", "ApiServerError", ""),
    *(
        Row(
            f"{code} is sent again",
            raw(status(f"{code} X"), OK),
            run(),
            (GOOD,),
            2,
            waits=BACKOFF[:1],
            said=(rf"WARNING GET /x: status {code}",),
        )
        for code in (408, 425, 429, 502, 503, 504, 520, 529, 530)
    ),
    *(
        Row(
            f"a POST that met {code} is sent again",
            raw(status(f"{code} X"), OK),
            post(),
            (GOOD,),
            2,
            waits=BACKOFF[:1],
            said=(f"status {code}",),
        )
        for code in (425, 429)
    ),
    *(
        Row(f"a POST that met {code} is not", raw(status(f"{code} X"), OK), post(), (f"^Api.*answered {code}",))
        for code in (408, 502, 520)
    ),
    Row(
        "with an Idempotency-Key it is",
        raw(status("503 X"), OK),
        post(headers={"Idempotency-Key": "k"}),
        (GOOD,),
        2,
        waits=BACKOFF[:1],
        said=("status 503",),
    ),
    Row(
        "after all attempts",
        raw(status("503 X")),
        run(),
        ("^ApiServerError: .*503",),
        3,
        waits=BACKOFF,
        said=("status 503", "status 503"),
    ),
    Row(
        "429 after all attempts",
        raw(status("429 X", "Retry-After: 3")),
        run(),
        (r"^ApiRateLimitedError: .*\| 3$",),
        3,
        waits=((3, 3.5), (3, 4)),
        said=("status 429", "status 429"),
    ),
    Row(
        "a status that the connection adds",
        raw(status("500 X"), OK),
        run(),
        (GOOD,),
        2,
        waits=BACKOFF[:1],
        said=("status 500",),
        extra={"retry_statuses": [500]},
    ),
    Row(
        "Retry-After",
        raw(status("503 X", "Retry-After: 7"), OK),
        run(),
        (GOOD,),
        2,
        waits=((7, 7.5),),
        said=("status 503",),
    ),
    Row(
        "Retry-After that is too long",
        raw(status("503 X", "Retry-After: 4000")),
        run(),
        (r"^ApiServerError: .*\| 4000$",),
    ),
    Row(
        "403 for a rate limit",
        raw(status("403 X", "Retry-After: 2"), OK),
        run(),
        (GOOD,),
        2,
        waits=((2, 2.5),),
        said=("status 403",),
    ),
    Row(
        "a rate limit's reset",
        raw(status("429 X", "RateLimit-Remaining: 0", "RateLimit-Reset: 9"), OK),
        run(),
        (GOOD,),
        2,
        waits=((9, 9.5),),
        said=("status 429",),
    ),
    Row("a session raises for no status", raw(status("404 No", body=b"gone")), in_session(), ("^404 gone$",)),
    Row(
        "nor for a busy one after all attempts",
        raw(status("503 No", body=b"busy")),
        in_session(),
        ("^503 busy$",),
        3,
        waits=BACKOFF,
        said=("503", "503"),
    ),
    Row("204", raw(b"HTTP/1.1 204 None\r\n\r\n"), run(), ("^204 $",)),
    Row("HEAD", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"), run(method="HEAD"), ("^200 $",)),
    Row("early hints", raw(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK), run(), (GOOD,)),
]


# The network
