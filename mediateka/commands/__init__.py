"""The commands of `mediateka`, by what they are about."""
