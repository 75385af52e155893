"""What the artist sees. Holds no rule that a test without Qt could not reach."""
