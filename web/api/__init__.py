"""The JSON API, version 1: one source of models for validation and for the OpenAPI document."""
