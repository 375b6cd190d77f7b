"""The program: settings, commands and server entry; the only place that composes."""

__version__ = "0.1.0"
