"""Durable steps: the step table and the local runner."""
