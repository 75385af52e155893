"""What paints: one module or package a runtime, all behind ``base.Pipeline``."""
