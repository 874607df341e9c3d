"""A fleet in virtual time: thousands of workers on many hosts drive the provider's own rules of renewal.

``make simulate`` prints what a fleet costs the token endpoint and Airflow's Variables; ``tests/simulation`` looks for
orders of events in which the rules fail. Nothing here opens a socket or sleeps.
"""
