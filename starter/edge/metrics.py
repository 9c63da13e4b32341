"""Metrics of an API process, for Prometheus."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.outbox import LATE, count_late, count_unsent
from models.tables import ClaimDifferenceRow
from models.webhook_queue import oldest_waiting
from starter.edge.observed import Answered

MEDIA_TYPE: Final = CONTENT_TYPE_LATEST
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The counters of one application; in tests each application has its own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "dunning_api_requests",
            "Calls answered, by route and status",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "dunning_api_request_seconds",
            "How long the answer took",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._waiting = Gauge(
            "dunning_cases_untold",
            "Cases of which Temporal has not heard yet what they plan",
            registry=self._registry,
        )
        self._oldest = Gauge(
            "dunning_cases_untold_oldest_seconds",
            "For how long the oldest of them has been waiting",
            registry=self._registry,
        )
        self._late = Gauge(
            "dunning_cases_late",
            "Cases that have not acted though their moment has passed by two minutes",
            registry=self._registry,
        )
        self._webhooks = Gauge(
            "dunning_webhooks_oldest_seconds",
            "For how long the oldest message to a backend has been waiting",
            registry=self._registry,
        )
        self._differences = Gauge(
            "dunning_claim_differences",
            "Where the partner's books and ours differ, by the last daily proof",
            registry=self._registry,
        )

    def count(self, answered: Answered) -> None:
        """Count a call by the template of its route, so that no id becomes a label."""
        method = answered.scope["method"]
        self._requests.labels(method, answered.route, answered.status).inc()
        self._seconds.labels(method, answered.route).observe(answered.seconds)

    async def text(self, session: AsyncSession, *, now: datetime) -> bytes:
        """Return all metrics in Prometheus' format; those of the database are read now."""
        waiting = await count_unsent(session)
        self._waiting.set(waiting.cases)
        self._oldest.set(_seconds_since(waiting.since, now))
        self._late.set(await count_late(session, now - LATE))
        self._webhooks.set(_seconds_since(await oldest_waiting(session), now))
        differ = select(func.count()).where(col(ClaimDifferenceRow.gone_at).is_(None))
        self._differences.set((await session.exec(differ)).one())
        return generate_latest(self._registry)


def _seconds_since(moment: datetime | None, now: datetime) -> float:
    return (now - moment).total_seconds() if moment else 0.0
