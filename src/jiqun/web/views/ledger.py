"""For auditors: events, the verification of their chain, runs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from jiqun import workspace
from jiqun.flows.runs import close_interrupted
from jiqun.ledger import access
from jiqun.ledger.access import Action
from jiqun.ledger.models import Event
from jiqun.reports.events import EventFilter, event, events, runs
from jiqun.web.forms import read_filter, whole
from jiqun.web.frame import answer, door, view_of


@door(Action.READ_EVENTS)
def events_page(request: HttpRequest) -> HttpResponse:
    asked = request.GET
    may_verify = bool(access.may(request.user, Action.VERIFY_CHAIN))
    wanted = read_filter(EventFilter, asked)
    verified = may_verify and asked.get("verify") == "1"
    page = events(view_of(request), wanted, whole(asked.get("page")) or 1, verified=verified)
    return answer(request, "web/events.html", page, may_verify=may_verify)


@door(Action.READ_EVENTS)
def event_page(request: HttpRequest, sequence: int) -> HttpResponse:
    subject = Event.objects.filter(sequence=sequence).first()
    may_undo = bool(subject and access.may(request.user, Action.UNDO, subject))
    return answer(request, "web/event.html", event(view_of(request), sequence), may_undo=may_undo)


@door(Action.READ_EVENTS)
def runs_page(request: HttpRequest) -> HttpResponse:
    close_interrupted(workspace.current())
    return answer(request, "web/runs.html", runs(view_of(request), whole(request.GET.get("page")) or 1))
