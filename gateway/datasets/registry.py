"""The data sets by name."""

from collections.abc import Mapping
from typing import Any

from gateway.datasets import cdnow, ecom
from gateway.datasets.dataset import DataSet

DATASETS: Mapping[str, DataSet[Any]] = {dataset.name: dataset for dataset in (ecom.DATASET, cdnow.DATASET)}
