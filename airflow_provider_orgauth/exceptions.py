"""The errors of this provider: one tree, told apart by class.

::

    OrgAuthError
    ├── ConfigurationError              a field of the connection or an argument is wrong        *
    ├── MissingConnectionError          Airflow knows no connection of this id
    ├── TokenError                      the token endpoint gave no token
    │   ├── TokenRefusedError           it refused: RFC 6749 section 5.2                          *
    │   │   ├── InvalidClientError, InvalidGrantError, InvalidRequestError, InvalidScopeError,
    │   │   └── UnauthorizedClientError, UnsupportedGrantTypeError, TokenForbiddenError
    │   ├── TokenEndpointError          wrong path or wrong region: not a token endpoint           *
    │   ├── TokenResponseError          it answered, and that is no token
    │   └── TokenUnavailableError       it could not be reached, or is overloaded
    ├── ApiError                        the API answered with an error status
    │   ├── ApiUnauthorizedError        401, also with a new token                                *
    │   ├── ApiForbiddenError           403: the client lacks a right                             *
    │   ├── ApiRateLimitedError         429, or 403 for a rate limit, after all attempts
    │   └── ApiServerError              5xx, after all attempts
    ├── ApiConnectionError              no answer from the API, after all attempts
    ├── JobTimeoutError                 a job did not end in time                             *
    ├── TaskStoppedError                Airflow ended the task: nothing more is sent for it
    ├── ProxyRefusedError               a proxy on the way wants credentials (407) or says no      *
    ├── CertificateError                a certificate did not verify                              *
    ├── ForeignOriginError              a URL or redirect leads away from the server              *
    ├── ForkedProcessError              a forked child uses what its parent has begun             *
    └── ResponseError                   the answer is not what the task can use
        ├── ResponseCheckError          response_check said no
        ├── WaitFailedError             fail_if holds: what is waited for has failed               *
        ├── UnknownJobError             a job may run, and which one is not known                  *
        ├── PaginationError             the pages go in circles, never end, or end too early      *
        ├── TruncatedListError          one page of several, where the whole list was wanted      *
        ├── IncompleteListError         strict: the pages do not hold what the server said
        ├── ResponseNotTextError        it is bytes, or not in the charset that it names          *
        ├── NumberError                 NaN, Infinity, or a number that nothing holds
        ├── UnknownFieldError           fields or drop_fields name what no record has              *
        ├── ResponseTooLargeError       memory is not the place for it                            *
        └── ResultTooLargeError         XCom is not the place for it                              *

The classes marked with * cannot get better by waiting. They are also Airflow's ``AirflowFailException``, so a task
fails at once and keeps its retries, whether the error comes from the operator or from a ``@task`` function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_orgauth.compat import AirflowException, AirflowFailException, AirflowNotFoundException

if TYPE_CHECKING:
    import requests


class OrgAuthError(AirflowException):
    """Anything this provider refuses or cannot do.

    >>> error = TokenUnavailableError("No answer from the token endpoint.", advice="Check Server address.", status=503)
    >>> print(error)
    No answer from the token endpoint. Check Server address.
    >>> error.status, isinstance(error, TokenError), isinstance(error, OrgAuthError)
    (503, True, True)

    :param message: what happened, in one sentence, without credentials.
    :param advice: what to do next, in one sentence; part of the text.
    :param status: the HTTP status, if an answer came.
    :param error: the server's own code, such as ``invalid_client``.
    :param server_message: the server's words, redacted and cut.
    :param retry_after: seconds, from when the answer came, for which the server asks to wait; None where it does not.
    """

    def __init__(
        self,
        message: str,
        *,
        advice: str = "",
        status: int | None = None,
        error: str | None = None,
        server_message: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{message} {advice}" if advice else message)
        self.message = message
        self.advice = advice
        self.status = status
        self.error = error
        self.server_message = server_message
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[Any, ...]:
        # BaseException would rebuild from the text alone and lose the rest on its way to another process.
        return (type(self).__new__, (type(self), *self.args), self.__dict__)


class ConfigurationError(OrgAuthError, AirflowFailException):
    """A field of the connection, or an argument, has a value that cannot work.

    >>> print(ConfigurationError("timeout", "is not a number", advice="Write seconds, such as 30."))
    timeout: is not a number. Write seconds, such as 30.

    :param field: its name as the user typed it, such as ``expiry_margin``.
    """

    def __init__(self, field: str, problem: str, *, advice: str = "") -> None:
        super().__init__(f"{field}: {problem}.", advice=advice)
        self.field = field


class MissingConnectionError(OrgAuthError, AirflowNotFoundException):
    """Airflow knows no connection of this id, or the secrets backend that has it did not answer."""


class TokenError(OrgAuthError):
    """The token endpoint gave no token."""


class TokenRefusedError(TokenError, AirflowFailException):
    """The token endpoint refused the grant (RFC 6749 section 5.2)."""


class InvalidClientError(TokenRefusedError):
    """``invalid_client``: the client ID or secret is wrong, or sent in a way the server does not read."""


class InvalidGrantError(TokenRefusedError):
    """``invalid_grant``: a refused refresh is no error, unless the connection has a refresh token to begin with."""


class InvalidRequestError(TokenRefusedError):
    """``invalid_request``: the server does not understand where or how the parameters were sent."""


class InvalidScopeError(TokenRefusedError):
    """``invalid_scope``: the scope is unknown, malformed, missing, or more than the client may have."""


class UnauthorizedClientError(TokenRefusedError):
    """``unauthorized_client``: the client exists and may not use this grant."""


class UnsupportedGrantTypeError(TokenRefusedError):
    """``unsupported_grant_type``: the server does not know the client credentials grant."""


class TokenForbiddenError(TokenRefusedError):
    """403 without an OAuth code: the client is blocked, lacks a right, or has a wrong secret."""


class TokenEndpointError(TokenError, AirflowFailException):
    """There is no token endpoint at this address: wrong path, or a redirect to another region."""


class TokenResponseError(TokenError):
    """The endpoint answered with something that is no token: HTML, an empty body, a field of the wrong kind."""


class TokenUnavailableError(TokenError):
    """The token endpoint could not be reached or was overloaded, after all attempts."""


class ApiError(OrgAuthError):
    """The API answered with an error status (400 and above).

    :param response: the answer, for its status, headers and body.
    """

    def __init__(self, message: str, *, response: requests.Response | None = None, **about: Any) -> None:
        super().__init__(message, **about)
        self.response = response

    def __getstate__(self) -> dict[str, Any]:
        # A response holds the request, and the request holds the token: it does not leave this process.
        return {**self.__dict__, "response": None}

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self).__new__, (type(self), *self.args), self.__getstate__())


class ApiUnauthorizedError(ApiError, AirflowFailException):
    """401, and again with a token that this process had just asked for, or after as many replays as there may be."""


class ApiForbiddenError(ApiError, AirflowFailException):
    """403: the client may not do this. Never retried; where it says that it is a rate limit, it is one."""


class ApiRateLimitedError(ApiError):
    """429, or a 403 that says it is for a rate limit: after all attempts, or the wait asked for is too long."""


class ApiServerError(ApiError):
    """A 5xx status, after all attempts where the request could be sent again."""


class ApiConnectionError(OrgAuthError):
    """No answer came from the API: the connection failed, was cut, or timed out."""


class JobTimeoutError(OrgAuthError, AirflowFailException):
    """A job that an operator waits for did not end within its ``timeout``."""


class TaskStoppedError(OrgAuthError):
    """Airflow ended the task: it was marked as failed or success, cleared, timed out, or its worker was shut down.

    Raised instead of what would have been sent, or sent again. Where a retry is due, it may find all well.
    """


class ProxyRefusedError(OrgAuthError, AirflowFailException):
    """A proxy between this machine and the server wants credentials (407), or does not let the request through."""


class CertificateError(OrgAuthError, AirflowFailException):
    """The server's certificate does not verify, or names another host."""


class ForeignOriginError(OrgAuthError, AirflowFailException):
    """A URL or redirect leads away from the configured server, where no credential may go.

    :param problem: what is wrong with an endpoint or a link, such as ``is not on https://fra1.blynk.cloud``; empty for
        a redirect.
    :param server: the origin of the connection's server, where it takes part.
    """

    def __init__(self, message: str, *, problem: str = "", server: str = "", **about: Any) -> None:
        super().__init__(message, **about)
        self.problem = problem
        self.server = server


class FileChangedError(OrgAuthError):
    """A file that is being written was removed, replaced, cut short or written to by another process.

    Its name has what it had before; a next attempt begins again.
    """


class ForkedProcessError(OrgAuthError, AirflowFailException):
    """A forked child uses what its parent has begun: an answer that is being read, an export that is being written."""


class ResponseError(OrgAuthError):
    """The answer is not what the task can use."""


class ResponseCheckError(ResponseError):
    """``response_check`` was not satisfied."""


class WaitFailedError(ResponseError, AirflowFailException):
    """``fail_if`` holds: what is waited for has failed, and will not come."""


class UnknownJobError(ResponseError, AirflowFailException):
    """A job may have been submitted, and which one it is, or whether it runs, is not known: none is submitted again."""


class PaginationError(ResponseError, AirflowFailException):
    """The pages of a list go in circles, never end, or end before the total."""


class TruncatedListError(ResponseError, AirflowFailException):
    """The answer is one page of a longer list, and the call does not say that one page is wanted."""


class IncompleteListError(ResponseError):
    """With ``strict``: the list changed while it was read, so the pages do not hold what the server said."""


class ResponseNotTextError(ResponseError, AirflowFailException):
    """The answer is a file or other bytes, or does not fit the charset that it names."""


class NumberError(ResponseError):
    """A number that JSON does not have, such as NaN, or that neither a double nor an int of Python's holds."""


class UnknownFieldError(ResponseError, AirflowFailException):
    """A name in ``fields`` or ``drop_fields`` is in no record of the list, or one in ``unique_by`` not in each."""


class ResponseTooLargeError(ResponseError, AirflowFailException):
    """The answer is larger than what is held in memory, perhaps only once it is unpacked."""


class ResultTooLargeError(ResponseError, AirflowFailException):
    """The result is too large for XCom."""
