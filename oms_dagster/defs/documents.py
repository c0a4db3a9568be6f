"""Documents: rendered once from committed facts, written to the outbox with an envelope, their hash appended; and the
answers to received interchanges, beside them.

Belongs here: files and the asset. What a document says is in `warehouse.papers`, how it looks in `domain.documents`.
"""

import json
from pathlib import Path

import dagster as dg
import duckdb

from oms_dagster import cycle as cycles
from oms_dagster.crash import boundary
from oms_dagster.cycle import Cycle
from oms_dagster.defs.metadata import table_metadata
from oms_dagster.defs.resources import Warehouse
from oms_dagster.settings import Home
from oms_dagster.warehouse.write import append


def render_pending(home: Home, connection: duckdb.DuckDBPyConnection, now: Cycle) -> int:
    """Render what was issued and never rendered. A file left by a cycle that died is written over with the same bytes."""
    from oms_dagster.domain.documents.envelope import Document, envelope, file_name, sha256_of
    from oms_dagster.warehouse import papers

    rendered = []
    for document in papers.pending(connection):
        content = papers.render(connection, document)
        name = file_name(document["document_type"], document["series"], document["number"])
        target = home.outbox / name
        target.parent.mkdir(parents=True, exist_ok=True)
        links = tuple(
            (kind, document[f"{kind}_id"]) for kind in ("wave", "load", "shipment", "order") if document[f"{kind}_id"]
        )
        told = Document(
            document["document_id"], document["document_type"], document["document_type"].replace("_", " ").title(), document["number"],
            document["series"], document["issued_at"], name, sha256_of(content), document["template_version"], links,
            content=papers.content(connection, document),
        )  # fmt: skip
        write_whole(target, content)
        write_whole(
            target.with_suffix(".json"),
            (json.dumps(envelope(told), indent=1, default=str, sort_keys=True) + "\n").encode(),
        )
        rendered.append(
            {
                "document_id": told.document_id,
                "file": name,
                "sha256": told.sha256,
                "bytes": len(content),
                "cycle_seq": now.cycle_seq,
                "recorded_at": now.as_of,
            }
        )
    boundary("inside documents")
    answer_pending(home, connection)
    count = append(connection, "facts.document_renderings", rendered)
    boundary("after documents")
    return count


def answer_pending(home: Home, connection: duckdb.DuckDBPyConnection) -> int:
    """Answer each interchange captured since the last published cycle, once: an answer stands when its envelope does."""
    new = connection.execute(
        "select 1 from facts.capture_files where cycle_seq >"
        " (select coalesce(max(cycle_seq), 0) from facts.cycles where state = 'published') limit 1"
    ).fetchall()
    if not new:
        return 0
    from oms_dagster.warehouse import acknowledgements

    written = 0
    for file in acknowledgements.pending(connection, home.channels):
        kept = home.archive / file.sha256[:2] / file.sha256
        if not kept.exists():
            continue
        for answer in acknowledgements.answers(connection, file, kept.read_bytes()):
            target = home.outbox / answer.name
            if target.with_suffix(".json").exists():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            write_whole(target, answer.content)
            told = json.dumps(answer.envelope, indent=1, sort_keys=True) + "\n"
            write_whole(target.with_suffix(".json"), told.encode())
            written += 1
    return written


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under another name first: nobody sees half of it."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    part.replace(path)


@dg.asset(group_name="documents", kinds={"python", "reportlab"}, owners=["team:warehouse"], deps=["commit"])
def documents(warehouse: Warehouse) -> dg.MaterializeResult:
    """Picking maps, load manifests, packing slips and purchase orders as PDF in the outbox. One row per document, numbered gapless."""
    with warehouse.connect() as connection:
        count = render_pending(warehouse.home, connection, cycles.current(connection))
        return dg.MaterializeResult(metadata={**table_metadata(connection, "facts", "documents"), "rendered": count})
