"""What holds for all of the server's tests."""

from hypothesis import settings

# Hypothesis would fail an example that a busy computer makes slow.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
