"""The edge: settings, the clock, the command line and the nightly flow. It holds no SQL and knows no entity type."""

from flows.environment import quiet

# Before any module here imports Prefect.
quiet()
