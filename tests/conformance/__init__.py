"""The judges themselves, judged: they must be able to say no, and to say yes."""
