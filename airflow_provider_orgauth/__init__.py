"""Call an OAuth2-protected API from Apache Airflow with one shared, timely renewed token."""

__version__ = "1.0.0"
