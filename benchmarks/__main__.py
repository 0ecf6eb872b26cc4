"""`make bench`: every comparison, one after the other."""

import sys

from benchmarks import context, findings, large_list, listing, startup

if __name__ == "__main__":
    sys.exit(max(startup.main(), listing.main(), large_list.main(), context.main(), findings.main()))
