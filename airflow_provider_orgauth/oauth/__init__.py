"""OAuth 2.0 as values and rules: no Airflow, no sockets.

``client`` drives these rules over a socket. Here a token request is a value, an answer becomes a
:class:`~airflow_provider_orgauth.oauth.token.Token` or a
:class:`~airflow_provider_orgauth.oauth.answers.Refusal`, and nothing is raised for what a server may say.
"""
