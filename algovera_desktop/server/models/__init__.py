"""The models that can be installed, and those that are."""
