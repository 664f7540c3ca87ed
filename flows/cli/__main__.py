"""``python -m flows.cli`` is ``likare``."""

from flows.cli import main

main()
