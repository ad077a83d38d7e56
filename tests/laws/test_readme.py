"""The README's first query answers what the README says, over the demo data."""

import json
import re
from pathlib import Path

import pytest

from gateway.datasets.loading import load
from gateway.datasets.registry import DATASETS
from storage.store.workspace import Workspace
from tests.support.asking import Ask
from tests.support.dataset_files import dataset_file

README = (Path(__file__).parents[2] / "README.md").read_text()
AS_MANY_AS_NEEDED = 12  # the most recent customers come first, and the README's is among them


async def test_the_first_query_and_its_answer(
    ask: Ask, workspace: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (body,) = re.findall(r"-d '(\{.*\})'", README)
    (answer,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    file = await dataset_file("ecom", tmp_path_factory.getbasetemp())
    await load(workspace.database, workspace.id, DATASETS["ecom"], file, limit=AS_MANY_AS_NEEDED)
    assert {"data": await ask(json.loads(body)["query"])} == json.loads(answer)
