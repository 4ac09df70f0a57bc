"""The front door: settings, wiring, command line, process entry points, doctor."""
