"""Every address of the product."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import path

from jiqun.web.api import api
from jiqun.web.views import documents, entrance, figures, firms, layouts, ledger, lists, plain, review, targets, tiers

urlpatterns = [
    path("", plain.overview_page, name="overview"),
    path("documents/", documents.documents_page, name="documents"),
    path("documents/upload/", documents.upload, name="document-upload"),
    path("documents/<str:digest>/", documents.document_page, name="document"),
    path("documents/<str:digest>/figures/", documents.figures_page, name="document-figures"),
    path("documents/<str:digest>/figures.xlsx", documents.figures_xlsx, name="document-figures-xlsx"),
    path("documents/<str:digest>/figures/accept/", documents.accept_figures, name="document-figures-accept"),
    path("documents/<str:digest>/file/", documents.original_file, name="document-file"),
    path("review/", review.review_page, name="review"),
    path("review/bulk/", review.bulk, name="review-bulk"),
    path("review/suggest/", review.suggest, name="review-suggest"),
    path("review/<str:key>/decide/", review.decide, name="claim-decide"),
    path("events/<int:sequence>/undo/", review.undo, name="undo"),
    path("targets/", targets.targets_page, name="targets"),
    path("targets.xlsx", targets.targets_xlsx, name="targets-xlsx"),
    path("targets/new/", targets.target_new, name="target-new"),
    path("targets/<str:key>/", targets.target_page, name="target"),
    path("targets/<str:key>/amend/", targets.amend, name="target-amend"),
    path("targets/<str:key>/withdraw/", targets.withdraw, name="target-withdraw"),
    path("targets/<str:key>/split/", targets.split, name="target-split"),
    path("comments/<str:kind>/<path:key>/", targets.comment, name="comment"),
    path("tasks/", plain.tasks_page, name="tasks"),
    path("tasks/<path:key>/", plain.task_page, name="task"),
    path("indicators/", figures.indicators_page, name="indicators"),
    path("indicators/<str:key>/", figures.indicator_page, name="indicator"),
    path("indicators/<str:key>/enter/", figures.enter, name="figure-enter"),
    path("clusters/", plain.clusters_page, name="clusters"),
    path("clusters/<str:key>/", plain.cluster_page, name="cluster"),
    path("layouts/", layouts.layouts_page, name="layouts"),
    path("layouts/<str:key>/", layouts.layout_page, name="layout"),
    path("layouts/<str:key>/board.xlsx", layouts.layout_xlsx, name="layout-xlsx"),
    path("areas/", plain.areas_page, name="areas"),
    path("areas/<str:key>/", plain.area_page, name="area"),
    path("firms/", firms.firms_page, name="firms"),
    path("firms.xlsx", firms.firms_xlsx, name="firms-xlsx"),
    path("firms/lists/", lists.lists_page, name="lists"),
    path("firms/lists/import/", lists.list_import, name="list-import"),
    path("firms/lists/<str:name>.xlsx", lists.list_xlsx, name="list-xlsx"),
    path("firms/lists/<str:name>/", lists.list_page, name="list"),
    path("firms/lists/<str:name>/decide/", lists.list_decide, name="list-decide"),
    path("firms/lists/<str:name>/withdraw/", lists.list_withdraw, name="list-withdraw"),
    path("firms/due/", lists.due_page, name="due"),
    path("firms/due.xlsx", lists.due_xlsx, name="due-xlsx"),
    path("firms/counts/", lists.counts_page, name="counts"),
    path("firms/counts.xlsx", lists.counts_xlsx, name="counts-xlsx"),
    path("firms/counts/count/", lists.count, name="counts-count"),
    path("firms/counts/record/", lists.record, name="counts-record"),
    path("firms/<str:code>/", firms.firm_page, name="firm"),
    path("tiers/", tiers.tiers_page, name="tiers"),
    path("tiers/<str:key>/", tiers.tier_page, name="tier"),
    path("tiers/<str:key>/near/", tiers.near_page, name="tier-near"),
    path("tiers/<str:key>/near.xlsx", tiers.near_xlsx, name="tier-near-xlsx"),
    path("tiers/<str:key>/what-if/", tiers.what_if_page, name="tier-what-if"),
    path("tiers/<str:key>/pipeline/", lists.pipeline_page, name="tier-pipeline"),
    path("tiers/<str:key>/pipeline.xlsx", lists.pipeline_xlsx, name="tier-pipeline-xlsx"),
    path("tiers/<str:key>/candidates/", lists.candidates_page, name="tier-candidates"),
    path("tiers/<str:key>/candidates.xlsx", lists.candidates_xlsx, name="tier-candidates-xlsx"),
    path("tiers/<str:key>/candidates/admit/", lists.candidates_admit, name="tier-candidates-admit"),
    path("bodies/", plain.bodies_page, name="bodies"),
    path("bodies/<str:key>/", plain.body_page, name="body"),
    path("search/", plain.search_page, name="search"),
    path("import/", figures.import_view, name="import"),
    path("events/", ledger.events_page, name="events"),
    path("events/<int:sequence>/", ledger.event_page, name="event"),
    path("runs/", ledger.runs_page, name="runs"),
    path("as-of/", entrance.as_of, name="as-of"),
    path("language/", entrance.language, name="language"),
    path("login/", entrance.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(next_page="login"), name="logout"),
    path("password/", entrance.password, name="password"),
    path("api/", api.urls),
]

handler400 = entrance.malformed
handler403 = entrance.forbidden
handler404 = entrance.not_found
handler500 = entrance.broken
