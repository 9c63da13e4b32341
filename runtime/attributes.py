"""The search attributes of a namespace: which it knows, and making it know ours."""

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
    """Those that the namespace does not know, and those that it knows with another type."""
    request = ListSearchAttributesRequest(namespace=client.namespace)
    known = (await client.operator_service.list_search_attributes(request)).custom_attributes
    missing = [key for key in keys if key.name not in known]
    wrong = [key for key in keys if key.name in known and known[key.name] != _type(key)]
    return missing, wrong


async def register(client: Client, keys: Keys) -> None:
    """Have the namespace know these; those that it knows already do no harm."""
    types = {key.name: _type(key) for key in keys}
    request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=types)
    await client.operator_service.add_search_attributes(request)


def type_name(key: SearchAttributeKey[Any]) -> str:
    """How the server's command line calls the type: `Keyword`, `Datetime`."""
    name = IndexedValueType.Name(_type(key))
    return name.removeprefix("INDEXED_VALUE_TYPE_").capitalize()


def _type(key: SearchAttributeKey[Any]) -> IndexedValueType.ValueType:
    return IndexedValueType.ValueType(key.indexed_value_type)
