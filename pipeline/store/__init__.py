"""The database, its trail, the keys and the encrypted objects."""
