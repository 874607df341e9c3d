"""``python -m airflow_provider_orgauth``: the commands, on any Airflow."""

from airflow_provider_orgauth.commands.own_parser import main

if __name__ == "__main__":
    main()
