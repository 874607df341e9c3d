"""From pages to a file that can be trusted: its lines, its encoding, where it lands, and the record of how it went.

Knows neither the API nor Airflow's tasks: it takes pages, and gives a manifest.
"""
