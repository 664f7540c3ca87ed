"""The core of Likare: configuration extracts in, compared and measured builds out.

Every step is a function of a warehouse connection, the catalogue and snapshot ids. Nothing here knows of
Prefect, Great Expectations, Plotly or the environment.
"""
