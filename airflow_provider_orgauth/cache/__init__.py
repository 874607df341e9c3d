"""Where a token is shared: an Airflow Variable, XCom along one DAG run, or the memory of one process.

The hook builds one store from the connection's ``cache`` field, with :func:`~.store_choice.shared_store`.
All of them are a :class:`~airflow_provider_orgauth.oauth.store.TokenStore`.
"""
