"""Commands: ``airflow orgauth …`` from Airflow 3.2 on, and ``python -m airflow_provider_orgauth …`` everywhere."""
