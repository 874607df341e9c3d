"""The operator: one API call as an Airflow task."""
