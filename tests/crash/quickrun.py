"""`gridbridge run`, the command itself, with what a dead process leaves behind free after seconds instead of a minute."""

from __future__ import annotations

import sys
from datetime import timedelta

from bot.flow import terms

# Before anything else is loaded: the others take it as the value of an argument. That a lease is shorter than a
# send may take does no harm where a second delivery is dropped.
terms.STANDARD = terms.Terms(  # type: ignore[misc]
    account=timedelta(seconds=0.9), inbox=timedelta(seconds=1.5), outbox=timedelta(seconds=3)
)

if __name__ == "__main__":
    from bot.__main__ import main

    sys.exit(main(["run"]))
