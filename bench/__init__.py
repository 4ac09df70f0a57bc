"""Measurements, each against a yardstick or a goal, printed for the record; nothing here is asserted in tests."""
