"""Refuse what XCom cannot carry, and say where it is: Airflow's own error does not."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

import msgspec

from airflow_provider_orgauth.exceptions import NumberError, ResponseError
from airflow_provider_orgauth.paging.numbers import first_in


def refuse_unfit(result: Any, argument: str) -> None:
    """Refuse a result with a value in it that XCom cannot carry. What is nested too deep to tell is skipped.

    NaN and infinity are no JSON; Airflow 3 hands over no whole number beyond 64 bits, and no half of a surrogate pair.

    :param argument: the one that chooses what is returned, for the advice.
    :raises NumberError: a number.
    :raises ResponseError: a text.
    """
    if _is_fit(result):
        return
    from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_0_PLUS

    try:
        found = first_in(result, _is_unfit if AIRFLOW_V_3_0_PLUS else _is_not_finite)
    except RecursionError:
        return
    if found is None:
        return
    where, value = found
    advice = f"Return a text or None in its place ({argument}), or set do_xcom_push=False."
    if isinstance(value, str):
        raise ResponseError(f"The result holds half of a surrogate pair{where}, which is no character.", advice=advice)
    if _is_not_finite(value):
        raise NumberError(f"The result holds {value}{where}, which JSON has no number for.", advice=advice)
    raise NumberError(
        f"The result holds a whole number beyond 64 bits{where}, which XCom has no room for.", advice=advice
    )


def _is_fit(result: Any) -> bool:
    """Return True, quickly, for what XCom surely can carry."""
    try:
        json.dumps(result, allow_nan=False)
        msgspec.msgpack.encode(result)  # as Airflow 3 does
    except (TypeError, ValueError, OverflowError, RecursionError):
        return False
    return True


def _is_not_finite(value: Any) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    return isinstance(value, Decimal) and not value.is_finite()


def _is_unfit(value: Any) -> bool:
    if isinstance(value, int):
        return not -(2**63) <= value < 2**64
    return _has_half_a_pair(value) if isinstance(value, str) else _is_not_finite(value)


def _has_half_a_pair(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
