"""Mask secrets that Airflow's masker does not have, wherever that masks: for processes that get many tokens.

Airflow's masker compiles one pattern of all secrets that it was ever told, again for each one. So its object gets a
class of our own, in which ``replacer`` is what Airflow compiled last and :data:`KNOWN` together. In a process with a
supervisor (Airflow 3) that is not enough: there the supervisor masks what comes out, with a masker of its own that
nothing can be taken back from. What leaves such a process is masked with :data:`KNOWN` before it does: see
:mod:`~.supervised_output`.

All this relies on private parts of Airflow, so it is tested first: :func:`works` puts it in place and tests it, and
returns False where anything is not as expected. Then Airflow's masker gets each token, as it gets the first ones.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from typing import Any

from airflow_provider_orgauth import compat
from airflow_provider_orgauth.hooks import supervised_output
from airflow_provider_orgauth.hooks.known_secrets import MIN_CHARACTERS, KnownSecrets, Span, merged_spans, replaced

KEPT_SECONDS = 12 * 3600.0
"""Seconds for which a token is masked after it ran out."""

KNOWN = KnownSecrets()
"""What is masked beside the secrets that Airflow's masker has."""


def add(secret: str, *, seconds: float) -> None:
    """Mask ``secret`` for so many seconds at least, in each spelling that Airflow's masker would have of it."""
    for spelling in {secret, json.dumps(secret)[1:-1], *_adaptations(secret)}:
        KNOWN.add(spelling, seconds=seconds)


def works() -> bool:
    """Return whether what is :data:`KNOWN` is masked wherever Airflow masks in this process; bring it about."""
    try:
        masker = compat.secrets_masker()
        return _installed(masker) and supervised_output.masked_with(KNOWN)
    except Exception:  # another Airflow may raise anything: there this cannot be used
        return False


def forget_pattern(secret: str) -> None:
    """Take ``secret`` from the patterns that Airflow compiles. With it that failed, as it would for the next secret."""
    try:
        patterns = compat.secrets_masker().patterns
        # However it was escaped.
        for pattern in [one for one in patterns if one.replace("\\", "") == secret.replace("\\", "")]:
            patterns.discard(pattern)
    except Exception:  # then it is another masker, and there is nothing to mend
        return


def _adaptations(secret: str) -> Iterator[str]:
    """Yield what ``[logging] secret_mask_adapter`` makes of ``secret``."""
    try:
        yield from (one for one in compat.secrets_masker()._adaptations(secret) if len(one) >= MIN_CHARACTERS)
    except Exception:  # what was found so far will do
        return


def _installed(masker: Any) -> bool:
    known = type(masker)
    if getattr(known, "masks_own_secrets", False):
        return True
    masker.__class__ = _class_of(known)
    probe = secrets.token_urlsafe(24)
    KNOWN.add(probe, seconds=0)
    if masker.redact(f"({probe})") == "(***)" and masker.redact(probe[:-1]) == probe[:-1]:
        return True
    masker.__class__ = known
    return False


def _class_of(known: type) -> type:
    """Return Airflow's class, with a ``replacer`` that masks :data:`KNOWN` as well.

    It is kept where it always was: with its former class the masker would be as before.
    """

    def read(self: Any) -> _Replacer:
        return _Replacer(self.__dict__.get("replacer"))

    def write(self: Any, pattern: Any) -> None:
        self.__dict__["replacer"] = pattern

    members = {"replacer": property(read, write), "masks_own_secrets": True}
    return type(known.__name__, (known,), members)


class _Replacer:
    """What Airflow's masker asks of its pattern.

    :param pattern: the one that Airflow compiled, if there is one.
    """

    def __init__(self, pattern: Any) -> None:
        self._pattern = pattern

    def sub(self, replacement: str, text: str) -> str:
        """Return ``text`` with ``replacement`` in the place of each secret."""
        own = KNOWN.spans(text)
        if not own:
            return text if self._pattern is None else self._pattern.sub(replacement, text)
        return replaced(text, merged_spans([*own, *self._airflows(text)]), replacement)

    def _airflows(self, text: str) -> list[Span]:
        # Found in the text as it was: what one masks may be the middle of what the other would have found.
        if self._pattern is None:
            return []
        return [found.span() for found in self._pattern.finditer(text)]
