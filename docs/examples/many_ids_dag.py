"""One call for each of many ids, in two ways: a mapped task for each, and threads in one task."""

from concurrent.futures import ThreadPoolExecutor

from airflow.providers.common.compat.sdk import DAG, Param, task

from airflow_provider_orgauth.hooks.orgauth import OrgAuthHook
from airflow_provider_orgauth.operators.org_api import OrgApiOperator

API = "/api/v1/organization"
THREADS = 8

with DAG(dag_id="many_ids", schedule=None, catchup=False, params={"ids": Param(3, type="integer", minimum=1)}) as dag:

    @task
    def find_ids(params: dict | None = None) -> list[int]:
        page = OrgAuthHook().run(f"{API}/devices", params={"size": params["ids"], "page": 0}).json()
        return [device["id"] for device in page["content"]]

    ids = find_ids()

    # Each id has a task: with a state, a log and retries of its own.
    OrgApiOperator.partial(
        task_id="online_mapped",
        endpoint=f"{API}/device/online",
        response_filter="connected",
        map_index_template="device {{ task.query['deviceId'] }}",
    ).expand(params=ids.map(lambda device_id: {"deviceId": device_id}))

    # All ids have one task: it succeeds or fails as a whole, and takes a fraction of the time.
    @task
    def online_in_threads(device_ids: list[int]) -> dict[str, bool]:
        hook = OrgAuthHook()  # threads may share it, and its token

        def is_online(device_id: int) -> bool:
            return hook.run(f"{API}/device/online", params={"deviceId": device_id}).json()["connected"]

        with ThreadPoolExecutor(THREADS) as threads:
            connected = list(threads.map(is_online, device_ids))
        return {str(device_id): online for device_id, online in zip(device_ids, connected, strict=True)}

    online_in_threads(ids)
