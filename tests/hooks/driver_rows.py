"""What both drivers are to do: all rows."""

from __future__ import annotations

from rows_of_bodies import BODIES
from rows_of_pages import PAGES, STOPS
from rows_of_redirects import REDIRECTS, TOKENS
from rows_of_statuses import STATUSES
from rows_of_the_network import NETWORK
from rows_of_ways import WAYS

ROWS = [*STATUSES, *NETWORK, *REDIRECTS, *TOKENS, *BODIES, *PAGES, *STOPS, *WAYS]
