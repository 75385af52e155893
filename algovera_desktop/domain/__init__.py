"""What the program talks about. Standard library only, no I/O."""
