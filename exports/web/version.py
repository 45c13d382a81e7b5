"""One version: how to load it, its card, files and figures, where its rows come from, who fetched it, and its withdrawal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django_htmx.http import HttpResponseClientRefresh

from curation.models import Run
from curation.queries.agreement import Question, questions_of
from curation.queries.lineage import lineage_of
from curation.queries.pairs import short_hash
from curation.queries.runs import reports_of
from exports import access, blobs
from exports.actions.datasets import withdraw as take_back
from exports.downloads import attachment, file_of
from exports.formats import FORMATS
from exports.models import Dataset, DatasetVersion, VersionFile
from exports.package import CARD
from exports.queries import (
    default_paths,
    files_of,
    latest_of,
    pulls_by_version,
    pulls_of,
    runs_of_version,
    split_figures,
    strengths,
    traced,
    versions_of,
)
from exports.snippets import Snippet, Source, snippets
from feedback.access import Place
from feedback.errors import Invalid
from feedback.rooms.doors import page, show, who

from .charts import strength_chart
from .code import coloured

VERSIONS_SHOWN = 8
PULLS_SHOWN = 10
LONGEST_HASH = 64
WRITTEN = (DatasetVersion.State.PUBLISHED, DatasetVersion.State.WITHDRAWN)


class WithdrawForm(forms.Form):
    """Why a version is taken back."""

    because = forms.CharField(
        label="Why",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Whoever asks for this version is told so, and what to load instead.",
    )


@dataclass(frozen=True, slots=True)
class Tab:
    """A tool's way to load the version: its address, and its blocks with colours."""

    code: str
    title: str
    note: str
    blocks: Sequence[tuple[str, SafeString]]


@page()
def version(request: HttpRequest, workspace: str, dataset: str, tag: str) -> HttpResponse:
    """The version in whatever state it is; while it is written, htmx asks whether it is done."""
    place, found = access.dataset(who(request), workspace, dataset)
    row = access.numbered(found, tag)
    row.dataset = found
    building = row.state == DatasetVersion.State.BUILDING
    if request.headers.get("HX-Request"):
        return _part(request, place, row) if building else _changed(request, place, row)
    context = _written(request, place, row) if row.state in WRITTEN else {}
    return show(
        request,
        "exports/version.html",
        place,
        dataset=found,
        version=row,
        building=building,
        runs=runs_of_version(row),
        **_beside(found),
        **context,
        current="datasets",
    )


@page("POST")
def withdraw(request: HttpRequest, workspace: str, dataset: str, tag: str) -> HttpResponse:
    """Take the version back. It stays on record, with the reason."""
    place, found = access.dataset(who(request), workspace, dataset)
    row = access.numbered(found, tag)
    form = WithdrawForm(request.POST)
    because = form.cleaned_data["because"] if form.is_valid() else ""
    try:
        take_back(version=row, because=because, now=timezone.now())
    except Invalid as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"{row.name} is withdrawn. Nobody can load it any more.")
    return redirect("version", place.workspace.slug, found.slug, row.name)


@page()
def file(
    request: HttpRequest, workspace: str, dataset: str, tag: str, path: str
) -> HttpResponseBase:
    """The bytes of a file."""
    place, found = access.dataset(who(request), workspace, dataset)
    row = access.numbered(found, tag)
    row.dataset = found
    return attachment(request.method or "", request.headers, place, file_of(row, path))


def _part(request: HttpRequest, place: Place, row: DatasetVersion) -> HttpResponse:
    context = {"workspace": place.workspace, "dataset": row.dataset, "version": row}
    return render(request, "exports/version.html#building", context)


def _changed(request: HttpRequest, place: Place, row: DatasetVersion) -> HttpResponse:
    """The tabs alone where one of them was chosen; the whole page where the version was written in between."""
    if "with" not in request.GET or row.state != DatasetVersion.State.PUBLISHED:
        return HttpResponseClientRefresh()
    context = {"workspace": place.workspace, "dataset": row.dataset, "version": row}
    return render(request, "exports/version.html#load", {**context, **_load(request, place, row)})


def _beside(dataset: Dataset) -> dict[str, Any]:
    """The other versions of the dataset, and which of them is the latest."""
    versions = list(versions_of(dataset).order_by("-major", "-minor")[:VERSIONS_SHOWN])
    pulls = pulls_by_version(versions)
    return {
        "versions": [(each, pulls.get(each.pk, 0)) for each in versions],
        "latest": latest_of([dataset]).get(dataset.pk),
    }


def _written(request: HttpRequest, place: Place, row: DatasetVersion) -> dict[str, Any]:
    """Everything that is known of a version that was published."""
    runs, files = runs_of_version(row), files_of(row)
    asked = request.GET.get("pair", "").strip()[:LONGEST_HASH]
    found = traced(runs, asked)
    splits = split_figures(runs)
    # Votes that only say which response is better are all of the same strength.
    graded = any(split.strongest > 1 for split in splits)
    return {
        "files": files,
        "total": sum(file.size for file in files),
        "figures": row.figures,
        **_derived(row.figures),
        "reviews": sum(run.n_reviews for run in runs),
        "agreement": _agreement(runs[0]) if runs else None,
        "card": _card(files),
        "splits": splits,
        "chart": strength_chart(strengths(runs), graded=graded),
        "graded": graded,
        "asked": asked,
        "lineage": lineage_of(found) if found else None,
        "traced": short_hash(found.pair.pair_hash) if found else "",
        "pulls": pulls_of(row).order_by("-pk")[:PULLS_SHOWN],
        "form": WithdrawForm(),
        **_load(request, place, row, files),
    }


def _agreement(run: Run) -> Question | None:
    """The question that the pairs were read from, if two people answered it."""
    questions = questions_of(run, reports_of(run)["agreement"])
    return next((each for each in questions if each.of == "votes" and each.measured), None)


def _derived(figures: dict[str, Any]) -> dict[str, Any]:
    """What the page says of the figures beside themselves: shares as percent, rows of each config."""
    epsilon = figures["epsilon"]
    return {
        "epsilon_percent": 100 * epsilon["value"] if epsilon["value"] is not None else None,
        "epsilon_unknown": epsilon["rows"] - epsilon["known"],
        "configs": [
            (each.name, sum(part["rows"] for part in figures["configs"][each.name].values()))
            for each in FORMATS
        ],
    }


def _card(files: list[VersionFile]) -> str:
    """The card's text without the YAML head that is for clients."""
    readme = next(file for file in files if file.path == CARD)
    text = b"".join(blobs.pieces(bytes(readme.sha256).hex(), 0, readme.size)).decode()
    return text.partition("\n---\n")[2] if text.startswith("---\n") else text


def _load(
    request: HttpRequest,
    place: Place,
    row: DatasetVersion,
    files: list[VersionFile] | None = None,
) -> dict[str, Any]:
    """The ways to load the version, and which one was asked for."""
    source = Source(
        endpoint=f"{settings.PUBLIC_URL}/hub",
        name=f"{place.workspace.slug}/{row.dataset.slug}",
        version=row.name,
        paths=default_paths(files if files is not None else files_of(row)),
    )
    tabs = [_tab(snippet) for snippet in snippets(source)]
    asked = request.GET.get("with", tabs[0].code)
    chosen = next((tab for tab in tabs if tab.code == asked), tabs[0])
    return {"tabs": tabs, "chosen": chosen}


def _tab(snippet: Snippet) -> Tab:
    blocks = [(block.file, coloured(block.text, block.language)) for block in snippet.blocks]
    return Tab(snippet.code, snippet.title, snippet.note, blocks)
