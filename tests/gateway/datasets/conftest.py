"""The customers of the data sets, read once for each worker."""

from pathlib import Path

import pytest

from gateway.datasets import cdnow, ecom
from gateway.datasets.cdnow import Purchase
from gateway.datasets.dataset import Customer
from gateway.datasets.visits import Visit
from tests.support.dataset_files import dataset_file


@pytest.fixture(scope="session")
async def ecom_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return await dataset_file("ecom", tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
async def cdnow_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return await dataset_file("cdnow", tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def visitors(ecom_file: Path) -> list[Customer[Visit]]:
    return ecom.read(ecom_file)


@pytest.fixture(scope="session")
def buyers(cdnow_file: Path) -> list[Customer[Purchase]]:
    return cdnow.read(cdnow_file)
