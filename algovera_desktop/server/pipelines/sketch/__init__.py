"""Sketch: composes and paints a prompt from an emoji set. It is no neural network.

A prompt is read into a Commission (``reading``), laid out as a scene and painted stroke by stroke.
"""
