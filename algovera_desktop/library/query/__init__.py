"""The language in which pictures are searched for: read, completed, turned into SQL."""
