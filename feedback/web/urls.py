"""Addresses of feedback's pages."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from . import (
    agreement,
    bulk,
    digest,
    form_editor,
    guideline,
    home,
    imports,
    items,
    joining,
    keys,
    label_studio,
    own_settings,
    people,
    preview,
    project,
    project_form,
    project_life,
    project_people,
    project_settings,
    threads,
    views,
    workspace,
    workspace_settings,
)

_WORKSPACE: list[URLPattern | URLResolver] = [
    path("", workspace.workspace, name="workspace"),
    path("people/", people.people, name="people"),
    path(
        "people/invitations/<uuid:invitation>/withdraw/",
        people.withdraw,
        name="invitation-withdraw",
    ),
    path("people/<uuid:member>/role/", people.role, name="member-role"),
    path("people/<uuid:member>/end/", people.end, name="member-end"),
    path("people/<uuid:member>/password/", people.password, name="member-password"),
    path("keys/", keys.keys, name="keys"),
    path("keys/<uuid:key>/revoke/", keys.revoke, name="key-revoke"),
    path("agreement/", agreement.agreement, name="agreement"),
    path("agreement/new/", agreement.new, name="agreement-new"),
    path("projects/new/", workspace.new_project, name="new-project"),
    path("settings/", workspace_settings.settings, name="workspace-settings"),
]

_PROJECT: list[URLPattern | URLResolver] = [
    path("", project.project, name="project"),
    path("flags/<uuid:flag>/settle/", project.settle, name="flag-settle"),
    path("items/", items.items, name="items"),
    path("items/bulk/", bulk.bulk, name="bulk"),
    path("items/bulk/jobs/", bulk.jobs, name="bulk-jobs"),
    path("items/bulk/<uuid:bulk>/", bulk.job, name="bulk-job"),
    path("items/bulk/<uuid:bulk>/undo/", bulk.undo, name="bulk-undo"),
    path("items/views/", views.save, name="views"),
    path("items/views/<uuid:view>/remove/", views.remove, name="view-remove"),
    path("items/<uuid:item>/", items.item, name="item"),
    path("items/<uuid:item>/preview/", preview.item_preview, name="item-preview"),
    path("imports/", imports.imports, name="imports"),
    path("imports/<uuid:job>/", imports.job, name="import"),
    path("imports/<uuid:job>/rejected.csv", imports.rejected_csv, name="import-rejected-csv"),
    path(
        "imports/<uuid:job>/rejected.ndjson", imports.rejected_ndjson, name="import-rejected-ndjson"
    ),
    path("form/", project_form.form, name="form"),
    path("form/new/", form_editor.edit, name="form-new"),
    path("form/json/", project_form.as_json, name="form-json"),
    path("form/label-studio/", label_studio.take_over, name="form-label-studio"),
    path("form/label-studio.xml", label_studio.download, name="form-label-studio-xml"),
    path("form/preview/", form_editor.preview, name="form-preview"),
    path("form/v<int:version>/", project_form.version, name="form-version"),
    path("guideline/", guideline.guideline, name="guideline"),
    path("guideline/new/", guideline.new, name="guideline-new"),
    path("questions/", threads.threads, name="threads"),
    path("questions/<uuid:thread>/", threads.thread, name="thread"),
    path("questions/<uuid:thread>/settle/", threads.settle, name="thread-settle"),
    path("people/", project_people.people, name="project-people"),
    path("settings/", project_settings.settings, name="project-settings"),
    path("settings/clone/", project_life.clone, name="project-clone"),
    path("settings/archive/", project_life.archive, name="project-archive"),
    path("settings/restore/", project_life.restore, name="project-restore"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("reviews/", home.reviews, name="my-reviews"),
    path("questions/", threads.own, name="my-threads"),
    path("settings/", own_settings.settings, name="settings"),
    path("settings/keys/", own_settings.keys, name="settings-keys"),
    path("settings/theme/", own_settings.theme, name="settings-theme"),
    path("digest/stop/<str:token>/", digest.stop, name="digest-stop"),
    path("setup/<str:token>/", joining.setup, name="setup"),
    path("invite/<str:token>/", joining.invite, name="invite"),
    path("w/<slug:workspace>/", include(_WORKSPACE)),
    path("w/<slug:workspace>/p/<slug:project>/", include(_PROJECT)),
    path("", include("feedback.web.desk_urls")),
]
