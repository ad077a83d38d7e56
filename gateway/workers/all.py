"""The workers of a process; each is a loop of its own."""

from gateway.workers.columns import ColumnsWorker
from gateway.workers.worker import Worker

WORKERS = (Worker, ColumnsWorker)
