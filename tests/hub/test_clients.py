"""Unmodified clients against a running server: every way in which people load a version."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exports.actions.datasets import withdraw
from exports.formats import FORMATS
from exports.hub.lane import LANE
from exports.models import DatasetVersion, Pull, VersionFile
from exports.serving import Body
from tests.hub.live import LEAVE, Live, serving
from tests.hub.maker import make_dataset, pandalm_package, publish, publish_bytes

pytestmark = pytest.mark.django_db
NAME = "northgate/chat-prefs"

HUB = """
import hashlib, json, sys
from pathlib import Path
import huggingface_hub as hub
from huggingface_hub import HfApi, HfFileSystem

name, commit = json.loads(sys.argv[1]).values()
api, fs, told = HfApi(), HfFileSystem(), {}
def sha(path): return hashlib.sha256(Path(path).read_bytes()).hexdigest()
def files(folder): return {str(p.relative_to(folder)): sha(p) for p in Path(folder).rglob("*") if p.is_file()}
def dataset(call, **more): return call(name, repo_type="dataset", **more)

told["snapshots"] = {rev: files(dataset(hub.snapshot_download, revision=rev)) for rev in ("main", "v1.0", commit)}
told["alias"] = files(hub.snapshot_download(name + ".v1.1", repo_type="dataset"))
told["readme"] = sha(dataset(hub.hf_hub_download, filename="README.md", revision="v1.0"))
refs = dataset(api.list_repo_refs)
told["refs"] = {ref.name: ref.target_commit for ref in refs.branches + refs.tags}
told["commits"] = [c.commit_id for c in dataset(api.list_repo_commits)]
info = dataset(api.repo_info, revision="v1.0", files_metadata=True)
told["info"] = {"sha": info.sha, "sizes": {s.rfilename: s.size for s in info.siblings}}
told["found"] = [d.id for d in api.list_datasets(search="chat-p")]
told["whoami"] = api.whoami()["name"]
root = "datasets/" + name
told["ls"] = fs.ls(root, detail=False)
told["du"] = fs.info(root + "@v1.0/README.md")["size"]
told["commit of a file"] = fs.info(root + "/README.md", expand_info=True)["last_commit"].title
told["glob"] = fs.glob(root + "@v1.0/trl_dpo/*.parquet")
with fs.open(root + "@v1.0/README.md", "rb") as file:
    file.seek(5)
    told["middle"] = file.read(20).decode()
told["exists"] = [fs.exists(root + "/README.md"), fs.exists(root + "/nope")]
print(json.dumps(told))
"""

LOAD = """
import json, sys
import duckdb, fsspec, pandas as pd
from datasets import get_dataset_config_names, load_dataset
name, commit, path = json.loads(sys.argv[1]).values()
told = {"configs": get_dataset_config_names(name)}
def rows(loaded): return {split: part.num_rows for split, part in loaded.items()}
told["rows"] = {config: rows(load_dataset(name, config)) for config in told["configs"]}
told["plain"] = load_dataset(name, split="train")[0]
streamed = load_dataset(name, split="train", streaming=True)
told["streamed"] = [sum(1 for _ in streamed), next(iter(streamed))]
told["slice"] = load_dataset(name, split="train[:10%]").num_rows
told["tag"] = rows(load_dataset(name, revision="v1.0"))
told["commit"] = rows(load_dataset(name, revision=commit))
told["alias"] = rows(load_dataset(name + ".v1.0"))
told["alias streamed"] = sum(1 for _ in load_dataset(name + ".v1.0", split="train", streaming=True))
told["files"] = load_dataset(name, data_files="sft/train-*.parquet", split="train").num_rows
told["pandas"] = len(pd.read_parquet(f"hf://datasets/{name}@v1.0/{path}"))
told["pandas of a folder"] = len(pd.read_parquet(f"hf://datasets/{name}/trl_dpo"))
duckdb.register_filesystem(fsspec.filesystem("hf"))
query = f"SELECT count(*), count(DISTINCT pair) FROM 'hf://datasets/{name}/trl_dpo/*.parquet'"
told["duckdb"] = duckdb.sql(query).fetchall()
print(json.dumps(told))
"""

WARM = """
import json, sys
from huggingface_hub import snapshot_download
def tried(name, revision):
    try:
        return ["loaded", snapshot_download(name, repo_type="dataset", revision=revision)]
    except Exception as error:
        return [type(error).__name__, str(error)]
print(json.dumps([tried(*asked) for asked in json.loads(sys.argv[1])["asked"]]))
"""

DOWNLOAD = """
import hashlib, json, sys
from pathlib import Path
from huggingface_hub import hf_hub_download
name = json.loads(sys.argv[1])["name"]
path = hf_hub_download(name, "rows.bin", repo_type="dataset")
print(json.dumps(hashlib.sha256(Path(path).read_bytes()).hexdigest()))
"""

REFUSED = """
import json, sys
from datasets import load_dataset
from huggingface_hub import HfApi, hf_hub_download
def tried(call):
    try:
        return ["loaded", repr(call())]
    except Exception as error:
        return [type(error).__name__, str(error)]
told = {}
for case, (name, revision, token) in json.loads(sys.argv[1]).items():
    same = {"revision": revision, "token": token}
    told[case] = {
        "load": tried(lambda: load_dataset(name, **same)),
        "file": tried(lambda: hf_hub_download(name, "README.md", repo_type="dataset", **same)),
        "info": tried(lambda: HfApi().dataset_info(name, **same)),
        "whoami": tried(lambda: HfApi().whoami(token)),
    }
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def live(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    with serving(django_db_blocker, tmp_path_factory.mktemp("homes")) as found:
        yield found


@pytest.fixture(scope="module")
def hub_told(live: Live) -> dict[str, Any]:
    return live.ask(HUB, "hub", name=NAME, commit=live.hub.versions["v1.1"].commit)


@pytest.fixture(scope="module")
def datasets_told(live: Live) -> dict[str, Any]:
    first = live.hub.versions["v1.0"]
    return live.ask(LOAD, "datasets", name=NAME, commit=first.commit, path=shard(first).path)


@pytest.fixture(scope="module")
def recalled_told(live: Live) -> list[list[str]]:
    """What a client hears before and after v1.0 of a dataset is withdrawn, with the files in its cache."""
    dataset = make_dataset(live.hub.world.workspace, "recalled")
    now = live.hub.world.now
    first, _ = (publish(dataset, pandalm_package(4), now=now, major=n) for n in (1, 2))
    asked = [("northgate/recalled", "v1.0"), ("northgate/recalled.v1.0", "main")]
    told = live.ask(WARM, "warm", asked=asked)
    withdraw(version=first, because="A client's name.", now=now)
    return told + live.ask(WARM, "warm", asked=asked)


def shard(version: DatasetVersion) -> VersionFile:
    return version.files.filter(config="trl_dpo", split="train").first()


def hashes(version: DatasetVersion) -> dict[str, str]:
    return {file.path: bytes(file.sha256).hex() for file in version.files.all()}


def rows_of(version: DatasetVersion, config: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for file in version.files.filter(config=config):
        found[file.split] = found.get(file.split, 0) + file.rows
    return found


def test_a_snapshot_is_every_byte_of_its_version(live, hub_told):
    versions = live.hub.versions
    commit = versions["v1.1"].commit
    assert hub_told["snapshots"] == {
        "main": hashes(versions["v2.0"]),
        "v1.0": hashes(versions["v1.0"]),
        commit: hashes(versions["v1.1"]),
    }
    assert hub_told["alias"] == hashes(versions["v1.1"])
    assert hub_told["readme"] == hashes(versions["v1.0"])["README.md"]


def test_the_hubs_own_client_reads_refs_commits_info_and_search(live, hub_told):
    commits = {name: version.commit for name, version in live.hub.versions.items()}
    assert hub_told["refs"] == {"main": commits["v2.0"], **commits}
    assert hub_told["commits"] == [commits[name] for name in ("v2.0", "v1.1", "v1.0")]
    sizes = {file.path: file.size for file in live.hub.versions["v1.0"].files.all()}
    assert hub_told["info"] == {"sha": commits["v1.0"], "sizes": sizes}
    assert hub_told["found"] == [NAME]
    assert hub_told["whoami"] == "Mara"


def test_the_file_system_lists_finds_and_reads_in_the_middle(live, hub_told):
    root, version = f"datasets/{NAME}", live.hub.versions["v1.0"]
    assert f"{root}/README.md" in hub_told["ls"]
    assert f"{root}/trl_dpo" in hub_told["ls"]
    assert hub_told["du"] == version.files.get(path="README.md").size
    assert hub_told["commit of a file"] == "v2.0"
    shards = version.files.filter(config="trl_dpo").values_list("path", flat=True)
    assert sorted(hub_told["glob"]) == sorted(f"{root}@v1.0/{path}" for path in shards)
    readme = live.homes / "hub/hub/datasets--northgate--chat-prefs/snapshots" / version.commit
    assert hub_told["middle"] == (readme / "README.md").read_text()[5:25]
    assert hub_told["exists"] == [True, False]


def test_load_dataset_loads_every_config_whole(live, datasets_told):
    latest = live.hub.versions["v2.0"]
    assert datasets_told["configs"] == [each.name for each in FORMATS if rows_of(latest, each.name)]
    for config, rows in datasets_told["rows"].items():
        assert rows == rows_of(latest, config) != {}


def test_load_dataset_streams_and_slices_the_same_rows(live, datasets_told):
    train = rows_of(live.hub.versions["v2.0"], "trl_dpo")["train"]
    assert datasets_told["streamed"] == [train, datasets_told["plain"]]
    assert datasets_told["slice"] == round(train / 10)
    assert datasets_told["files"] == rows_of(live.hub.versions["v2.0"], "sft")["train"]


def test_load_dataset_pins_a_version_by_tag_commit_and_alias(live, datasets_told):
    rows = rows_of(live.hub.versions["v1.0"], "trl_dpo")
    assert rows != rows_of(live.hub.versions["v2.0"], "trl_dpo")
    assert datasets_told["tag"] == datasets_told["commit"] == datasets_told["alias"] == rows
    assert datasets_told["alias streamed"] == rows["train"]


def test_pandas_and_duckdb_read_by_name(live, datasets_told):
    pairs = sum(rows_of(live.hub.versions["v2.0"], "trl_dpo").values())
    assert datasets_told["pandas"] == shard(live.hub.versions["v1.0"]).rows
    assert datasets_told["pandas of a folder"] == pairs
    assert datasets_told["duckdb"] == [[pairs, pairs]]


def test_the_command_downloads_and_verifies_and_finds_a_changed_byte(live):
    folder = live.homes / "folder"
    done = live.hf("download", NAME, "--repo-type=dataset", f"--local-dir={folder}", home="cli")
    assert done.returncode == 0, done.stderr
    verify = ("cache", "verify", NAME, "--repo-type=dataset", f"--local-dir={folder}")
    assert live.hf(*verify, home="cli").returncode == 0
    file = next(folder.glob("sft/train-*.parquet"))
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    done = live.hf(*verify, home="cli")
    assert done.returncode != 0
    assert file.name in done.stdout + done.stderr


@pytest.fixture(scope="module")
def refused_told(live: Live) -> dict[str, dict[str, list[str]]]:
    """What the clients raise: the kind of exception and its sentence, by case and call."""
    return live.ask(
        REFUSED,
        "refused",
        missing_revision=(NAME, "v9.0", live.token),
        elsewhere=("elsewhere/secrets", "v1.0", live.token),
        not_there=("northgate/nope", None, live.token),
        wrong_key=(NAME, "v1.0", "ts_00000000_wrong"),
        weak_key=(NAME, "v1.0", live.without_scope),
    )


def test_a_missing_revision_is_told_in_the_clients_own_words(refused_told):
    told = refused_told["missing_revision"]
    assert told["load"] == [
        "DatasetNotFoundError",
        f"Revision 'v9.0' doesn't exist for dataset '{NAME}' on the Hub.",
    ]
    for call in ("file", "info"):
        assert told[call][0] == "RevisionNotFoundError"
        assert f"{NAME} has no version v9.0." in told[call][1]


def test_another_workspaces_dataset_is_as_missing_as_one_that_is_not_there(refused_told):
    for case in ("elsewhere", "not_there"):
        told = refused_told[case]
        assert told["load"][0] == "DatasetNotFoundError"
        assert "doesn't exist on the Hub or cannot be accessed" in told["load"][1]
        for call in ("file", "info"):
            assert told[call][0] == "RepositoryNotFoundError"
            assert "this key may not load it" in told[call][1]


def test_a_wrong_key_is_told_as_such(refused_told):
    told = refused_told["wrong_key"]
    assert "Invalid user token" in told.pop("whoami")[1]
    for kind, sentence in told.values():
        assert kind != "loaded"
        assert "Invalid credentials in Authorization header" in sentence


def test_a_key_without_the_scope_hears_which_one_it_lacks(refused_told):
    told = refused_told["weak_key"]
    assert told["load"][0] == "DatasetNotFoundError"
    for call in ("file", "info"):
        assert told[call][0] == "RepositoryNotFoundError"
        assert "lacks the scope datasets:read" in told[call][1]
    assert told["whoami"][0] == "loaded"


def test_a_warm_client_is_told_of_a_withdrawal(recalled_told):
    assert [kind for kind, _ in recalled_told[:2]] == ["loaded", "loaded"]
    for kind, sentence in recalled_told[2:]:
        assert kind == "RevisionNotFoundError"
        assert "A client's name. Load northgate/recalled.v2.0 instead." in sentence


def test_the_page_of_the_hub_shows_lines_that_run(live):
    page = (Path(__file__).parents[2] / "docs" / "hub.md").read_text()
    _, *commands = re.findall(r"```bash\n(.*?)```", page, re.DOTALL)
    scripts = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    shown = [script for script in scripts if "aiohttp" not in script]
    assert (len(commands), len(scripts), len(shown)) == (1, 6, 5)
    # Each in a process of its own, as people run them.
    each = [f"python - <<'END'\n{script}{LEAVE}END" for script in shown]
    done = live.shell("\n".join([*commands, *each]), home="page")
    assert done.returncode == 0, done.stderr
    version = live.hub.versions["v1.0"]
    rows = sum(count for _, count in ast.literal_eval(done.stdout.splitlines()[-1]))
    assert rows == sum(rows_of(version, "all").values())
    written = (live.homes / "page" / "chat-prefs.jsonl").read_text().splitlines()
    assert len(written) == rows_of(version, "trl_dpo")["train"]
    assert set(json.loads(written[0])) == {"messages", "chosen", "rejected"}
    assert json.loads(written[0])["chosen"]["role"] == "assistant"


@pytest.fixture(scope="module")
def big(live: Live) -> bytes:
    """The one file of `northgate/big`, too long to be sent in one piece."""
    content = b"0123456789abcdef" * (3 << 16)
    dataset = make_dataset(live.hub.world.workspace, "big")
    publish_bytes(dataset, {"rows.bin": content}, now=live.hub.world.now)
    return content


def test_a_download_waits_for_a_place_and_then_gets_every_byte(live, big, settings):
    settings.HUB_BODIES = 1
    inside = Body(iter([]), len(big), lambda body: None)
    LANE.enter(inside)
    with live.start(DOWNLOAD, "waiting", name="northgate/big") as client:
        try:
            assert "HTTP Error 429" in next(line for line in client.stderr if "Error" in line)
        finally:
            LANE.leave(inside)
        output, errors = client.communicate(timeout=60)
    assert client.returncode == 0, errors
    assert json.loads(output) == hashlib.sha256(big).hexdigest()


def test_every_file_that_a_client_fetched_is_in_the_log(live, hub_told):
    snapshot = Pull.objects.filter(version=live.hub.versions["v1.1"], sent_bytes__gt=0)
    pulled = dict(snapshot.values_list("path", "sent_bytes"))
    files = VersionFile.objects.filter(version=live.hub.versions["v1.1"])
    assert pulled == dict(files.values_list("path", "size"))
    agents = set(snapshot.values_list("agent", flat=True))
    assert all("hf_hub/" in agent for agent in agents)
    assert set(snapshot.values_list("key__name", flat=True)) == {"test"}
