"""Drive ``oauth`` over HTTP with requests: the token endpoint, the session, retries, the same-origin rule.

Who calls it: the hook, and anyone with an :class:`~airflow_provider_orgauth.oauth.client.OAuthClient` at hand. It knows
nothing of Airflow beyond the error classes.
"""
