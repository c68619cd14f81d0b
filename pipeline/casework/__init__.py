"""A plan's case between its rows and the values that documents, signatures and readers work with."""
