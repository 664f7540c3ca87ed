"""``python -m flows.reference``."""

from flows.reference import main

main()
