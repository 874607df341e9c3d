"""What stands for the texts that hosts share: a list of them, and tokens to put in."""

from __future__ import annotations

from airflow_provider_orgauth.cache.seal import Seal
from airflow_provider_orgauth.oauth.token import Token

SEAL = Seal("now")
TOKEN = Token("secret-access", issued_at=100.0, lifetime=300.0, refresh_token="secret-refresh")


class Texts:
    """A text store in a list, which can be told to fail."""

    def __init__(self, description, *texts, failure=None):
        self.description, self.texts, self.failure = description, list(texts), failure

    def read(self):
        yield from self.texts
        if self.failure:
            raise self.failure

    def write(self, text):
        if self.failure:
            raise self.failure
        self.texts = [text]


def generation(number, **about):
    return Token(f"token-{number}", issued_at=100.0 - number, lifetime=300.0, generation=number, **about)
