"""DAGs of single calls whose answers are not what JSON is; connection and endpoint are named in the run's conf."""

from __future__ import annotations

import math
from datetime import timedelta

from airflow.providers.common.compat.sdk import DAG

from airflow_provider_orgauth.operators.org_api import OrgApiOperator

ANSWER = {
    "endpoint": "{{ dag_run.conf['endpoint'] }}",
    "org_conn_id": "{{ dag_run.conf['conn'] }}",
    "retries": 2,
    "retry_delay": timedelta(seconds=0),
}

with DAG("answer", schedule=None):
    OrgApiOperator(task_id="answer", **ANSWER)

with DAG("answer_made_nan", schedule=None):
    OrgApiOperator(task_id="answer", response_filter=lambda response: {"mean": [math.nan]}, **ANSWER)
