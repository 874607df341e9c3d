"""Where the facts go that the client tells of its requests and tokens: to Airflow's metrics, and to traces."""
