"""What `differential.py` is made of: random catalogs, writers of logs, the rule that says what may be shown, and the
scenes in which a real exporter is held to it. Needs nothing but Python's standard library."""
