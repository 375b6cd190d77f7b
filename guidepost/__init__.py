"""The program: settings, commands and server entry; the only place that composes."""
