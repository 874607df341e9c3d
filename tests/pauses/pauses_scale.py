"""How long the tests of this folder take: seconds in the suite, minutes where `make test-pauses` runs them."""

from __future__ import annotations

import os

AT_ONCE = int(os.environ.get("ORGAUTH_PAUSES", "0"))
"""How many cells of the whole matrix live at once; 0: a few cells, with shorter times."""

WHOLE = AT_ONCE > 0

SHORT = {
    "CLAIM_WITHIN_SECONDS": 0.25,
    "HELD_FOR_SECONDS": 1.0,
    "SPREAD_SECONDS": 0.5,
    "LEASE_PATIENCE_SECONDS": (4.0, 6.0),
}
"""Constants of ``oauth/lease.py`` by which a pause of a few seconds is one for longer than the lease is held."""

LEASE = {} if WHOLE else SHORT
