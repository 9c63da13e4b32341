"""Checking and registering the search attributes of a Temporal namespace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.common import SearchAttributeKey

Keys = Sequence[SearchAttributeKey[Any]]


async def lacking(client: Client, keys: Keys) -> tuple[Keys, Keys]:
    """Return the keys that the namespace lacks, and those that it has with another type."""
    request = ListSearchAttributesRequest(namespace=client.namespace)
    known = (await client.operator_service.list_search_attributes(request)).custom_attributes
    missing = [key for key in keys if key.name not in known]
    wrong = [key for key in keys if key.name in known and known[key.name] != _type(key)]
    return missing, wrong


async def register(client: Client, keys: Keys) -> None:
    """Register search attributes; those that are registered already do no harm."""
    types = {key.name: _type(key) for key in keys}
    request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=types)
    await client.operator_service.add_search_attributes(request)


def type_name(key: SearchAttributeKey[Any]) -> str:
    """Return the type as the server's command line writes it: `Keyword`, `Datetime`."""
    name = IndexedValueType.Name(_type(key))
    return name.removeprefix("INDEXED_VALUE_TYPE_").capitalize()


def _type(key: SearchAttributeKey[Any]) -> IndexedValueType.ValueType:
    return IndexedValueType.ValueType(key.indexed_value_type)
