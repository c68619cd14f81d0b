"""The drop folder: settle, claim, read, decide, report."""
