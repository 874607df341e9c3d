"""Airflow's names, wherever the installed versions have them: the only module that asks the common-compat provider.

Its ``sdk`` grows: what it knows of Airflow 2.11 in 1.10 lacks names that this provider uses (``conf`` came last, in
1.22), and who follows an Airflow release's constraints gets the version of its time. These names are looked up here
then. None is imported before it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import (
        DAG,
        AirflowException,
        AirflowFailException,
        AirflowNotFoundException,
        AirflowSensorTimeout,
        AirflowSkipException,
        AirflowTaskTimeout,
        Asset,
        AssetAlias,
        BaseHook,
        BaseOperator,
        BaseOperatorLink,
        BaseSensorOperator,
        Context,
        ObjectStoragePath,
        Param,
        PokeReturnValue,
        RetryDecision,
        RetryPolicy,
        Stats,
        TaskDeferred,
        TaskInstanceKey,
        Variable,
        XCom,
        conf,
        determine_kwargs,
        get_current_context,
        mask_secret,
    )
    from airflow.sdk._shared.secrets_masker import _secrets_masker as secrets_masker
    from airflow.sdk.io import attach
    from airflow.triggers.base import BaseEventTrigger, BaseTrigger, TriggerEvent

__all__ = [
    "DAG",
    "AirflowException",
    "AirflowFailException",
    "AirflowNotFoundException",
    "AirflowSensorTimeout",
    "AirflowSkipException",
    "AirflowTaskTimeout",
    "Asset",
    "AssetAlias",
    "BaseEventTrigger",
    "BaseHook",
    "BaseOperator",
    "BaseOperatorLink",
    "BaseSensorOperator",
    "BaseTrigger",
    "Context",
    "ObjectStoragePath",
    "Param",
    "PokeReturnValue",
    "RetryDecision",
    "RetryPolicy",
    "Stats",
    "TaskDeferred",
    "TaskInstanceKey",
    "TriggerEvent",
    "Variable",
    "XCom",
    "attach",
    "conf",
    "determine_kwargs",
    "get_current_context",
    "mask_secret",
    "secrets_masker",
]

_SDK = "airflow.providers.common.compat.sdk"
_ELSEWHERE = {
    "AirflowException": ("airflow.sdk.exceptions", "airflow.exceptions"),
    "AirflowNotFoundException": ("airflow.sdk.exceptions", "airflow.exceptions"),
    "AirflowSensorTimeout": ("airflow.sdk.exceptions", "airflow.exceptions"),
    "AirflowTaskTimeout": ("airflow.sdk.exceptions", "airflow.exceptions"),
    "BaseEventTrigger": ("airflow.triggers.base",),
    "BaseTrigger": ("airflow.triggers.base",),
    "RetryDecision": ("airflow.sdk.definitions.retry_policy",),
    "RetryPolicy": ("airflow.sdk.definitions.retry_policy",),
    "Stats": ("airflow.sdk.observability.stats", "airflow.observability.stats", "airflow.stats"),
    "TriggerEvent": ("airflow.triggers.base",),
    "TaskInstanceKey": ("airflow.sdk.types", "airflow.models.taskinstancekey"),
    "XCom": ("airflow.sdk.execution_time.xcom", "airflow.models.xcom"),
    "attach": ("airflow.sdk.io", "airflow.io.store"),
    "conf": ("airflow.sdk.configuration", "airflow.configuration"),
    "determine_kwargs": ("airflow.sdk.bases.decorator", "airflow.utils.operator_helpers"),
    "mask_secret": (
        "airflow.sdk.log",
        "airflow.sdk.execution_time.secrets_masker",
        "airflow.utils.log.secrets_masker",
    ),
    "secrets_masker": (
        "airflow.sdk._shared.secrets_masker",
        "airflow.sdk.execution_time.secrets_masker",
        "airflow.utils.log.secrets_masker",
    ),
}
"""Where those are that an older ``sdk`` has not: in the newest Airflow first."""

_CALLED_THERE = {"secrets_masker": "_secrets_masker"}
"""Airflow has no public way to its masker."""

_BEFORE_AIRFLOW_3 = {"BaseEventTrigger": "BaseTrigger"}
"""What stands for names that came with Airflow 3: an older one can import who builds on them."""

_WITHOUT_AIRFLOW: dict[str, object] = dict.fromkeys(
    ("AirflowException", "AirflowFailException", "AirflowNotFoundException"), Exception
)
"""What stands for the roots of the error tree where no Airflow is installed.

Paging, exports and the client are of use there too, and what they raise is part of that tree.
"""


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    for module in (_SDK, *_ELSEWHERE.get(name, ())):
        try:
            found: object = getattr(import_module(module), _CALLED_THERE.get(name, name))
        except (ImportError, AttributeError):
            continue
        globals()[name] = found  # the next time, Python finds it without coming here
        return found
    if name in _BEFORE_AIRFLOW_3 and find_spec("airflow") is not None:
        return __getattr__(_BEFORE_AIRFLOW_3[name])
    # An Airflow that is installed and lacks the name is broken: to continue without its roots would hide that.
    if name in _WITHOUT_AIRFLOW and find_spec("airflow") is None:
        return _WITHOUT_AIRFLOW[name]
    raise ImportError(f"neither apache-airflow-providers-common-compat nor Airflow has {name} here", name=name)
