"""What other tools write into their pictures: one module a tool, each with ``read``."""
