"""`python -m upkeep.cli`, where the command itself is not installed (Astro, compose)."""

import sys

from upkeep.cli import main

if __name__ == "__main__":
    sys.exit(main())
