"""Processes: the service, its web app, worker and scheduler."""
