"""The commands behind the command line, the daemon and the demo: what each does and how it is told."""
