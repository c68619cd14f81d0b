"""Fictional sample files: what `plansigill demo` takes through the journey."""
