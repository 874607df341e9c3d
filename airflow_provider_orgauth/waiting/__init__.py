"""Waiting: what an answer means for a wait, and when to look next. Pure: no Airflow, no sockets, no sleep."""
