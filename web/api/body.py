"""A request's JSON body through its model; what does not fit is named by its path."""

from typing import TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from archive.errors import Invalid, TooLarge

LARGEST = 4 << 20  # an asset's metadata has at most 2 MB
Parsed = TypeVar("Parsed", bound=BaseModel)


def parse_body(model: type[Parsed]) -> Parsed:
    """The body as a model; Invalid names every field at fault, TooLarge when it is more than metadata can be."""
    if (request.content_length or 0) > LARGEST:
        raise TooLarge("the body is larger than metadata can be")
    data = request.stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise TooLarge("the body is larger than metadata can be")
    try:
        return model.model_validate_json(data)
    except ValidationError as trouble:
        faults = [
            {"field": ".".join(str(step) for step in fault["loc"]), "message": fault["msg"]}
            for fault in trouble.errors(include_url=False, include_input=False)
        ]
        raise Invalid("the body does not fit", errors=faults) from trouble
