"""The data of the demo: a story that can be played in its town, and small talk that is nothing but small talk."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image

from bot.demo import chatter, picture, script, town
from bot.demo.script import Step
from bot.demo.town import read
from classifiers.keyword import Classifier

LONGEST_CAPTION = 38  # characters: two lines on a phone
STEPS = script.load()
TOWN = town.load()
LINES = [line for talk in chatter.load() for line in talk]


def rooms() -> dict[str, frozenset[str]]:
    """Room -> who is in it, the private ones included."""
    private = {f"p-{person.id}": frozenset({person.id}) for person in TOWN.people}
    return {room.id: frozenset(room.members) for room in TOWN.rooms} | private


def test_captions_fit_on_a_phone() -> None:
    """Two lines; longer ones would be cut off while the story goes on."""
    words = {"lamp": "3", "drain": "2", "limit": "30"}
    shown = [script.filled(step, words).caption for step in STEPS]
    assert [caption for caption in shown if len(caption) > LONGEST_CAPTION or not caption or "{" in caption] == []


@pytest.mark.parametrize("step", STEPS, ids=[step.caption[:12] for step in STEPS])
def test_everybody_is_where_the_story_needs_him(step: Step) -> None:
    """Who speaks or is shown is a member of the room; where is listened, there is a room."""
    inside = rooms()
    for view in step.views.values():
        assert view.person in inside[view.room]
    if step.say:
        assert step.say.who in inside[step.say.room]
    for found in (step.wait, step.silence):
        assert found is None or found.room in inside


def test_a_step_speaks_only_of_what_happened_before() -> None:
    """Quotes, cards and moments are named by an earlier step or earlier in the same one."""
    named: set[str] = set()
    for step in STEPS:
        if step.say:
            assert {step.say.quote} - {""} <= named
            named |= {step.say.name} - {""}
        if step.press:
            assert step.press.card in named
        if step.wait:
            assert {step.wait.since, step.wait.quotes} - {""} <= named
        if step.silence:
            assert step.silence.since in named
        named |= {step.wait.name} - {""} if step.wait else set()


def test_both_phones_show_somebody_of_their_own_kind_from_the_start() -> None:
    """Residents on the left, everybody else on the right."""
    for step in STEPS:
        assert all((view.person in TOWN.residents) == (side == "left") for side, view in step.views.items())
    assert set(STEPS[0].views) == {"left", "right"}


def test_people_can_open_the_room_their_phone_begins_with() -> None:
    assert [person.id for person in TOWN.people if person.id not in rooms()[person.room]] == []


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier.load(None)


def test_small_talk_is_no_case(classifier: Classifier) -> None:
    """Neither a line alone nor what one neighbour says in two minutes put together."""
    dice = random.Random(7)
    said = [*LINES, *("\n".join(dice.sample(LINES, dice.choice((2, 3)))) for _ in range(300))]
    assert [text for text in said if classifier.classify(text).is_case] == []


def test_what_the_story_reports_is_sure_to_become_a_card(classifier: Classifier) -> None:
    """At each of the houses of many showings."""
    reports = [step.say for step in STEPS if step.say and step.say.who in TOWN.residents and not step.say.quote]
    assert len(reports) == 3
    for place in (0, 17, 39):
        words = {"lamp": str(3 + 2 * place), "drain": str(2 + 2 * place)}
        for say in reports:
            text = say.text.format(**words)
            assert classifier.classify(text).tier == "card", text


def test_every_talk_has_lines_for_different_people() -> None:
    assert [talk for talk in chatter.load() if not 2 <= len(talk) <= 4] == []
    assert len(set(LINES)) == len(LINES)
    assert {who for _, who, _ in read("chatter.toml")["opening"]} <= {person.id for person in TOWN.people}


def test_the_photo_is_a_picture_of_a_phones_size() -> None:
    """A JPEG that the program's own check takes, the same each time."""
    data = picture.lamp()
    image = Image.open(io.BytesIO(data))
    assert (image.format, image.size) == ("JPEG", (960, 1280))
    assert len(data) < 300_000
    assert data == picture.lamp()
