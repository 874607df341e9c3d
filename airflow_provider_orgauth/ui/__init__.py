"""The page "Organization API tokens" in Airflow's UI, from Airflow 3.1 on.

``plugin.py`` is what Airflow imports in every process; all else is imported by its API server only.
"""
