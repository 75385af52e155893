"""The Algovera-compatible server: a process of its own, reached only over HTTP."""
