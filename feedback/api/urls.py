"""Addresses of feedback's API, under /api/v1/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from feedback.rest.routes import route

from . import (
    bulk,
    desk,
    forms,
    imports,
    items,
    keys,
    mappings,
    onboarding,
    people,
    projects,
    threads,
    views,
)

W = "workspaces/<slug:workspace>"
P = "projects/<slug:workspace>/<slug:project>"
A = f"{P}/assignments/<uuid:assignment>"

urlpatterns: list[URLPattern | URLResolver] = [
    # What reviewers ask all day stands first: addresses are tried in this order.
    path(f"{P}/next", route(post=desk.next_item)),
    path(A, route(get=desk.read_assignment)),
    path(f"{A}/disclosure", route(post=desk.disclose_item)),
    path(f"{A}/draft", route(put=desk.save_draft)),
    path(f"{A}/review", route(post=desk.send_review)),
    path(f"{A}/skip", route(post=desk.skip_item)),
    path(f"{A}/flag", route(post=desk.flag_item)),
    path(f"{A}/hold", route(post=desk.hold_item)),
    path("me", route(get=people.read_me)),
    path("me/settings", route(get=people.read_own_settings, patch=people.change_own_settings)),
    path("reviews", route(get=desk.list_own_reviews)),
    path("workspaces", route(get=people.list_workspaces)),
    path(W, route(get=people.read_workspace)),
    path(f"{W}/projects", route(get=projects.list_projects, post=projects.create_project)),
    path(f"{W}/settings", route(get=people.read_settings, patch=people.change_settings)),
    path(f"{W}/people", route(get=people.list_people)),
    path(
        f"{W}/people/<uuid:member>",
        route(patch=people.change_member, delete=people.end_membership),
    ),
    path(f"{W}/invitations", route(get=people.list_invitations, post=people.invite)),
    path(f"{W}/invitations/<uuid:invitation>", route(delete=people.withdraw_invitation)),
    path(f"{W}/keys", route(get=keys.list_keys, post=keys.make_key)),
    path(f"{W}/keys/<uuid:key>", route(delete=keys.revoke_key)),
    path(f"{W}/agreement", route(get=keys.read_agreement, post=keys.publish_agreement)),
    path(f"{W}/agreement/acceptance", route(post=keys.accept_agreement)),
    path(P, route(get=projects.read_project, patch=projects.change_project)),
    path(f"{P}/clone", route(post=projects.clone_project)),
    path(f"{P}/forms", route(get=forms.list_forms, post=forms.publish_form)),
    path(
        f"{P}/forms/label-studio",
        route(get=forms.read_label_config, post=forms.convert_label_config),
    ),
    path(f"{P}/guidelines", route(get=forms.list_guidelines, post=forms.publish_guideline)),
    path(f"{P}/reviewers", route(get=projects.list_reviewers, post=projects.add_reviewer)),
    path(f"{P}/reviewers/<uuid:member>", route(delete=projects.pause_reviewer)),
    path(f"{P}/items", route(get=items.list_items)),
    path(f"{P}/items/<uuid:item>", route(get=items.read_item)),
    path(f"{P}/views", route(get=views.list_views, post=views.keep_view)),
    path(f"{P}/views/<uuid:view>", route(delete=views.drop_view)),
    path(f"{P}/bulk", route(get=bulk.list_bulk_jobs, post=bulk.start_bulk_job)),
    path(f"{P}/bulk/<uuid:bulk>", route(get=bulk.read_bulk_job)),
    path(f"{P}/bulk/<uuid:bulk>/undo", route(post=bulk.undo_bulk_job)),
    path(f"{P}/reviews", route(get=items.list_reviews)),
    path(f"{P}/flags", route(get=items.list_flags)),
    path(f"{P}/flags/<uuid:flag>/settle", route(post=items.settle_flag)),
    path("questions", route(get=threads.list_own_threads)),
    path(f"{A}/question", route(post=threads.ask)),
    path(f"{P}/questions", route(get=threads.list_threads)),
    path(f"{P}/questions/<uuid:thread>", route(get=threads.read_thread, post=threads.say)),
    path(f"{P}/questions/<uuid:thread>/settle", route(post=threads.settle_thread)),
    path(f"{P}/imports", route(get=imports.list_imports, post=imports.start_import)),
    path(f"{P}/imports/<uuid:job>", route(get=imports.read_import)),
    path(f"{P}/imports/<uuid:job>/rejections", route(get=imports.list_rejections)),
    path(f"{P}/mappings", route(get=mappings.list_mappings)),
    path(f"{P}/mappings/preview", route(post=mappings.preview_import)),
    path(f"{P}/mappings/<slug:name>", route(get=mappings.read_mapping, put=mappings.save_mapping)),
    path(
        f"{P}/beginning",
        route(get=onboarding.read_beginning, post=onboarding.acknowledge_guideline),
    ),
    path(f"{P}/pause", route(post=onboarding.pause, delete=onboarding.go_on)),
    path(f"{P}/practice", route(post=onboarding.practise)),
    path(f"{A}/key", route(get=onboarding.read_key)),
    path(f"{P}/reviews/<uuid:review>", route(put=desk.change_review)),
    path(
        f"{P}/reviews/<uuid:review>/checks",
        route(post=desk.ask_checks, put=desk.answer_checks),
    ),
]
