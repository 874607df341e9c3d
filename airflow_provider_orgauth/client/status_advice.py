"""What to do about an error status of the API: one sentence for each (RFC 9110 section 15, RFC 6585)."""

from __future__ import annotations

_NOT_FOLLOWED = (
    "A redirect that would have turned a write into a GET, or that names no place, is not followed: use the endpoint "
    "that the server names."
)
_CDN = "The network in front of the server got no good answer from it; a later try may find it well."
_CDN_TLS = (
    "The network in front of the server does not trust its certificate, or they agree on no TLS: the server's "
    "administrator has to mend that."
)
_OUTAGE = (
    "The server rejected each new token, and hosts could not share one: on a server that keeps one living token per "
    "client, they end each other's. See the log's warning about the Variable, and mend that; if the calls of a single "
    "host fail as well, check that Server address and Scope belong to this API."
)
_FAILED_OFTEN = "The server failed at this request: check parameters and body; or a later try may find it well."
_LATER = "The server is overloaded or down; a later try may find it well."

_ADVICE = {
    301: _NOT_FOLLOWED,
    302: _NOT_FOLLOWED,
    401: (
        "The API rejected a token that was just issued: check that Server address, Scope and Further token parameters, "
        "such as an audience, belong to it, and Header for the token."
    ),
    402: "Ask the server's administrator whether the plan or the account behind this Client ID covers the call.",
    403: "Ask the server's administrator to give this Client ID the right (or the API scope) for this call.",
    404: "Check the endpoint and the ids in it.",
    405: "Check method: the endpoint does not take this one.",
    406: "Check the header Accept: the server has no answer of that kind.",
    408: "The server did not get the whole request in time: a later try may be faster; else send less in one request.",
    409: "It contradicts what is there, perhaps because it was done before: read that, then decide what to send.",
    410: "What the endpoint or its ids name is gone for good: use another.",
    411: "The server wants to know the length beforehand: give data as bytes or as a file, not as a generator.",
    412: "A condition in the headers, such as If-Match, does not hold any more: read again, then send what fits.",
    413: "Send less in one request; the Organization API takes at most 2 MB.",
    414: "The URL is too long: send less in params, or in a body if the endpoint takes one.",
    415: "Check the header Content-Type: the endpoint reads bodies of another kind, perhaps JSON, which json= sends.",
    416: "There is nothing at the header Range, or at the page that was asked for: ask for less.",
    421: "The server does not answer for this host: check Server address, and what stands before the server.",
    422: "The server understood the body and refuses a value in it: check its fields.",
    423: "Somebody else has locked it: a later try may find it free.",
    425: "The server fears that the request is a repeat and did nothing; a later try may be taken.",
    426: "The server wants another protocol: check that Server address begins with https.",
    428: "The server wants a condition in the headers, such as If-Match: read first, and send what you read.",
    429: (
        "Lower the number of tasks that call this server at once, for example with an Airflow pool, or set 'Requests "
        "per minute' in the connection."
    ),
    431: "The headers are too large: check Default headers, and headers.",
    451: "The server may not give this for legal reasons: ask its administrator.",
    500: (
        "The server failed at this request. If it does so each time, check parameters and body; if only now and then, "
        "add 500 to 'Further statuses to retry' in the connection."
    ),
    501: "The server does not know this method: check method and endpoint.",
    505: "The server does not speak this version of HTTP: check what stands before it.",
    507: "The server has no room to store it: its administrator has to make some.",
    508: "The server went in circles over this request: its administrator has to mend that.",
    511: "The network wants a log-in before it lets anything through: ask who runs it.",
    **dict.fromkeys((*range(520, 525), 530), _CDN),
    **dict.fromkeys((525, 526), _CDN_TLS),
    **dict.fromkeys((502, 503, 504, 529), _LATER),
}


def advice_for(status: int, *, is_repeated: bool = False, is_outage: bool = False) -> str:
    """Return what to do about a status that is neither 2xx nor 304.

    :param is_repeated: the connection's ``retry_statuses`` has it already.
    :param is_outage: it is a 401 that was waited out, as hosts could not share a token.
    """
    if is_outage:
        return _OUTAGE
    if status == 500 and is_repeated:
        return _FAILED_OFTEN
    if status in _ADVICE:
        return _ADVICE[status]
    if status < 400:
        return "That is no answer to work with: check the endpoint, and what stands before the server."
    return _LATER if status >= 500 else "Check the request's parameters and body."
