"""Both drivers: the way to the API's server, after a token was got: nobody there, certificates, proxies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from drivers import Row
from hostile_server import TOKEN_ANSWER, Peer, hostile_server, http
from row_servers import BACKOFF, GOOD, OK, Raw, in_turn, post, run
from rows_of_the_network import LOST
from small_proxy import Answer, SmallProxy, small_proxy
from tls import Authority

USER_INFO = "me:pr0xy-s3cr3t"
CERTIFICATE = "^CertificateError: GET https://127.0.0.1:PORT/x: the certificate does not verify: "


def says(line: str) -> Answer:
    return lambda client: client.sendall(f"HTTP/1.1 {line}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode())


@contextmanager
def away_after_the_token(_: Path) -> Iterator[Raw]:
    def answer(peer: Peer) -> None:
        server.refuse()
        peer.send(http(TOKEN_ANSWER, "Connection: close"))
        peer.done = True

    with hostile_server(token=answer) as server:
        yield Raw(server)


def tls(name: str = "127.0.0.1", *, expired: bool = False, foreign: bool = False) -> Callable[[Path], Any]:
    """Serve with a certificate that is good for the token, and then with this one."""

    @contextmanager
    def serves(folder: Path) -> Iterator[Raw]:
        authority = Authority(folder)
        (folder / "then").mkdir()
        signer = Authority(folder / "then") if foreign else authority
        then = signer.server_context(name, expired=expired)

        def answer(peer: Peer) -> None:
            server.context = then
            peer.send(http(TOKEN_ANSWER, "Connection: close"))
            peer.done = True

        good = authority.server_context("127.0.0.1")
        with hostile_server(api=in_turn((OK,)), token=answer, context=good) as server:
            yield Raw(server, "https", {"verify": str(authority.bundle)})

    return serves


def proxied(scheme: str, user_info: str = USER_INFO, answer: Answer | None = None, *, is_away: bool = False) -> Any:
    """Serve the token without a proxy, and the API through this one."""

    @contextmanager
    def serves(folder: Path) -> Iterator[Raw]:
        authority = Authority(folder) if scheme == "https" else None
        context = authority.server_context("127.0.0.1") if authority else None
        with hostile_server(api=in_turn((OK,)), context=context) as server, small_proxy(USER_INFO, answer) as proxy:
            if is_away:
                proxy.stop()
            extra = {"verify": str(authority.bundle)} if authority else {}
            yield Proxied(server, scheme, extra, {f"{scheme}_proxy": f"http://{user_info}@{proxy.address}"}, proxy)

    return serves


class Proxied(Raw):
    """A server behind a proxy."""

    def __init__(self, server: Any, scheme: str, extra: Any, environ: Any, proxy: SmallProxy) -> None:
        super().__init__(server, scheme, extra, environ)
        self._proxy = proxy

    def anonymous(self, text: str) -> str:
        return super().anonymous(text).replace(self._proxy.address, "PROXY")


def through(name: str, serves: Any, came: str, requests: int = 0, *, attempts: int = 1, asks: Any = None) -> Row:
    return Row(
        name,
        serves,
        asks or run(),
        (came,),
        requests,
        waits=BACKOFF[: attempts - 1],
        said=("WARNING (GET|POST) /x: ",) * (attempts - 1),
        first=lambda hook: hook.get_access_token(),
        absent=("pr0xy-s3cr3t",),
    )


WAYS = [
    through("nobody is there", away_after_the_token, LOST + "the connection was refused", attempts=3),
    through("a POST: nobody is there", away_after_the_token, "^ApiConnectionError: ", attempts=3, asks=post()),
    through("TLS for the API", tls(), GOOD, 1),
    through("a certificate that expired", tls(expired=True), CERTIFICATE + "certificate has expired"),
    through("another server's certificate", tls("127.0.0.2"), CERTIFICATE + "IP address mismatch"),
    through("a certificate that nobody knows", tls(foreign=True), CERTIFICATE),
    *(
        one
        for scheme in ("http", "https")
        for one in (
            through(f"{scheme} through a proxy", proxied(scheme), GOOD, 1),
            through(f"{scheme}: no proxy there", proxied(scheme, is_away=True), "proxy", attempts=3),
            through(f"{scheme}: a proxy that wants others", proxied(scheme, "me:pr0xy-s3cr3t2"), "407"),
            through(f"{scheme}: a proxy that forbids", proxied(scheme, answer=says("403 No")), "403"),
            through(f"{scheme}: a proxy without a way", proxied(scheme, answer=says("502 No")), "502", attempts=3),
        )
    ),
]
