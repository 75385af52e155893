"""The parts of the window. A widget knows its model, never another widget."""
