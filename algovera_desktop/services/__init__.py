"""What the program does between its window and the outside world. No Qt."""
