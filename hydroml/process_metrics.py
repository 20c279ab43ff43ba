"""What a serving process notes of itself about once a second."""

from __future__ import annotations

from data_tools.observing import metrics
from data_tools.under_way import admission
from hydroml.serving.listener import Loop


def measure(loop: Loop) -> None:
    """Note the process's memory, connections and requests, and how many are at each gate."""
    metrics.measure_process()
    connections = loop.connections
    metrics.CONNECTIONS.set(len(connections))
    metrics.QUEUED_REQUESTS.set(sum(len(each.requests) for each in connections))
    for gate, standing in admission.standing().items():
        metrics.AT_GATES.labels(gate, "running").set(standing.running)
        metrics.AT_GATES.labels(gate, "waiting").set(standing.waiting)
