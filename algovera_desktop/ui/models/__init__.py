"""Qt item models over the queue, the library and the engines."""
