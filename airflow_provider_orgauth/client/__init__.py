"""Drive ``oauth`` over HTTP with requests: the token endpoint, the session, retries, the same-origin rule.

The hook calls it, and so may any program that has an :class:`~airflow_provider_orgauth.oauth.client.OAuthClient`. It
knows nothing of Airflow beyond the error classes.
"""
