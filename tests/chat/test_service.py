"""What send, edit, regenerate and continue mean for the tree of messages."""

from __future__ import annotations

import asyncio

import pytest

from aigc_tui.chat.turn import Turn
from aigc_tui.config import Settings, shipped
from aigc_tui.config.sampling import InForce, Origin
from aigc_tui.engine.models import STARTER
from aigc_tui.engine.protocol import ModelSpec, Role
from aigc_tui.personas import PersonaError
from aigc_tui.store.records import Message, Status
from tests.chat.conftest import Bench, OneModel


def run(turn: Turn | None) -> Message:
    """Let a turn run to its end and read its reply back from the store."""
    assert turn is not None

    async def drain() -> Message:
        async for _ in turn.events():
            pass
        return await turn.final_message()

    return asyncio.run(drain())


def contents(bench: Bench, conversation: str) -> list[str]:
    return [message.content for message in bench.store.messages.path(conversation)]


def test_a_conversation_starts_with_the_personas_greeting_in_the_interface_language(bench: Bench) -> None:
    conversation = bench.chat.start("tutor")
    tutor = bench.chat.personas.get("tutor")
    assert contents(bench, conversation.id) == [tutor.text("greeting", "en")]
    assert bench.engine.requests == []


def test_the_first_words_become_the_title(bench: Bench) -> None:
    conversation = bench.chat.start("assistant")
    bench.chat.send(conversation.id, "  How do\nrainbows form?  ")
    assert bench.store.conversations.get(conversation.id).title == "How do rainbows form?"


def test_a_sent_message_gets_a_whole_reply_below_it(bench: Bench) -> None:
    conversation = bench.chat.start("assistant")
    turn = bench.chat.send(conversation.id, "Hi")
    reply = run(turn)
    assert (reply.content, reply.status) == ("Hello there.", Status.COMPLETE)
    assert turn.user is not None
    assert reply.parent == turn.user.id
    assert reply.prompt_tokens > 0
    assert reply.prompt_hash
    assert bench.store.conversations.get(conversation.id).head == reply.id


def test_the_row_of_a_reply_exists_before_its_first_token(bench: Bench) -> None:
    conversation = bench.chat.start("assistant")
    turn = bench.chat.send(conversation.id, "Hi")
    assert turn.reply is not None
    assert bench.store.messages.get(turn.reply.id).status == Status.STREAMING


def test_regenerating_keeps_the_first_reply_as_a_sibling(bench: Bench) -> None:
    conversation = bench.chat.start("assistant")
    first = run(bench.chat.send(conversation.id, "Hi"))
    bench.engine.reply = ["Another", " one."]
    second = run(bench.chat.regenerate(first.id))
    assert second.parent == first.parent
    assert [m.content for m in bench.store.messages.siblings(second.id)] == ["Hello there.", "Another one."]
    assert contents(bench, conversation.id)[-1] == "Another one."


def test_regenerating_a_question_answers_it_again(bench: Bench) -> None:
    conversation = bench.chat.start("assistant")
    turn = bench.chat.send(conversation.id, "Hi")
    first = run(turn)
    assert turn.user is not None
    assert run(bench.chat.regenerate(turn.user.id)).parent == first.parent


def test_the_greeting_cannot_be_regenerated(bench: Bench) -> None:
    conversation = bench.chat.start("assistant")
    assert conversation.head is not None
    with pytest.raises(ValueError, match="greeting"):
        bench.chat.regenerate(conversation.head)


def test_editing_a_question_forks_and_keeps_the_later_turns(bench: Bench) -> None:
    conversation = bench.chat.start("assistant")
    turn = bench.chat.send(conversation.id, "Hi")
    first = run(turn)
    run(bench.chat.send(conversation.id, "And then?"))
    assert turn.user is not None
    fork = run(bench.chat.edit(turn.user.id, "Good evening"))
    assert contents(bench, conversation.id)[1:] == ["Good evening", "Hello there."]
    assert len(bench.store.messages.siblings(fork.parent or "")) == 2
    assert bench.store.messages.newest_leaf(first.id).content == "Hello there."


def test_editing_a_reply_forks_without_asking_the_model(bench: Bench) -> None:
    conversation = bench.chat.start("assistant")
    reply = run(bench.chat.send(conversation.id, "Hi"))
    asked = len(bench.engine.requests)
    assert bench.chat.edit(reply.id, "My own words") is None
    assert len(bench.engine.requests) == asked
    assert contents(bench, conversation.id)[-1] == "My own words"


def test_continuing_appends_to_the_words_that_are_there(bench: Bench) -> None:
    conversation = bench.chat.start("assistant")
    reply = run(bench.chat.send(conversation.id, "Hi"))
    bench.engine.reply = [" And", " more."]
    longer = run(bench.chat.resume(reply.id))
    assert longer.id == reply.id
    assert longer.content == "Hello there. And more."
    assert bench.engine.requests[-1].continue_final
    assert bench.engine.requests[-1].messages[-1].content == "Hello there."
    assert bench.engine.requests[-1].messages[-1].role == Role.ASSISTANT


def test_only_a_reply_can_be_continued(bench: Bench) -> None:
    conversation = bench.chat.start("assistant")
    turn = bench.chat.send(conversation.id, "Hi")
    assert turn.user is not None
    with pytest.raises(ValueError, match="reply"):
        bench.chat.resume(turn.user.id)


def test_the_instructions_follow_the_language_of_the_users_first_words(bench: Bench) -> None:
    conversation = bench.chat.start("tutor")
    run(bench.chat.send(conversation.id, "你好，请问彩虹是怎么形成的？"))
    system = bench.engine.requests[-1].messages[0]
    assert system.role == Role.SYSTEM
    assert bench.chat.personas.get("tutor").text("system", "zh") in system.content


def test_words_of_crisis_get_the_fixed_text_and_no_model_reply(bench: Bench) -> None:
    conversation = bench.chat.start("listener")
    turn = bench.chat.send(conversation.id, "I want to kill myself")
    assert turn.notice is not None
    assert turn.reply is None
    assert run(turn).role == "notice"
    assert "988" in turn.notice.content
    assert bench.engine.requests == []


def test_a_notice_is_never_part_of_a_later_prompt(bench: Bench) -> None:
    conversation = bench.chat.start("listener")
    turn = bench.chat.send(conversation.id, "我想自杀")
    assert turn.notice is not None
    run(bench.chat.send(conversation.id, "我还在这里"))
    assert all(turn.notice.content != message.content for message in bench.engine.requests[-1].messages)


def test_hostile_words_are_cleaned_at_the_door(bench: Bench) -> None:
    conversation = bench.chat.start("assistant")
    turn = bench.chat.send(conversation.id, "a\x1b]52;c;eA==\x07b\ud800\x00")
    assert turn.user is not None
    assert not set(turn.user.content) & {"\x1b", "\x07", "\x00", "\ud800"}


def test_a_persona_that_is_gone_refuses_before_anything_is_stored(bench: Bench) -> None:
    conversation = bench.chat.start("assistant")
    bench.store.conversations.set_persona(conversation.id, "gone")
    with pytest.raises(PersonaError, match="gone"):
        bench.chat.send(conversation.id, "Hi")
    assert len(bench.store.messages.path(conversation.id)) == 1


def test_asking_again_in_danger_gets_the_fixed_text_again(bench: Bench) -> None:
    conversation = bench.chat.start("listener")
    turn = bench.chat.send(conversation.id, "I want to kill myself")
    assert turn.user is not None
    assert bench.chat.regenerate(turn.user.id).notice is not None
    assert bench.engine.requests == []


def test_continuing_with_a_persona_that_is_gone_leaves_the_reply_as_it_was(bench: Bench) -> None:
    conversation = bench.chat.start("assistant")
    reply = run(bench.chat.send(conversation.id, "Hi"))
    bench.store.conversations.set_persona(conversation.id, "gone")
    with pytest.raises(PersonaError):
        bench.chat.resume(reply.id)
    assert bench.store.messages.get(reply.id) == reply


class StarterToo(OneModel):
    """A catalogue that knows the starter's real place, and recommends for every model."""

    def resolve(self, name: str) -> ModelSpec:
        if name == STARTER:
            return ModelSpec(name, path=str(shipped("data") / "models" / STARTER))
        return ModelSpec(name, kind="openai" if name == "far" else "local", path="/models/real")

    def defaults(self, spec: ModelSpec) -> dict[str, float]:
        return {"temperature": 0.2, "max_tokens": 64}


@pytest.mark.parametrize(("words", "name"), [("Who are you?", "Sage"), ("你是谁？", "小知")])
def test_a_real_model_is_told_who_it_is_and_the_starter_gets_the_prompt_it_was_trained_on(
    bench: Bench, words: str, name: str
) -> None:
    bench.chat.models = StarterToo()
    systems = {}
    for model in (STARTER, "real", "far"):
        run(bench.chat.send(bench.chat.start("assistant", model).id, words))
        first = bench.engine.requests[-1].messages[0]
        assert first.role is Role.SYSTEM
        systems[model] = first.content
    own = bench.chat.personas.get("assistant").instructions("zh" if name == "小知" else "en")
    assert systems[STARTER] == own
    assert systems["real"] == systems["far"]
    assert systems["real"].startswith(own)
    assert name in systems["real"].removeprefix(own)
    assert "aigc-tui" in systems["real"].removeprefix(own)


def test_a_reply_is_sampled_as_the_user_the_persona_and_the_model_say_in_this_order(bench: Bench) -> None:
    bench.chat.models = StarterToo()
    seen = []
    for persona, mine in (("assistant", None), ("editor", None), ("editor", 0.0)):
        bench.chat.settings = Settings(temperature=mine)
        run(bench.chat.send(bench.chat.start(persona, "real").id, "Hi"))
        seen.append(bench.engine.requests[-1].sampling.temperature)
    assert seen == [0.2, 0.3, 0.0]


def test_what_is_in_force_is_told_for_the_open_conversation_or_a_new_one(bench: Bench) -> None:
    bench.chat.models = StarterToo()
    bench.chat.settings = Settings(temperature=1.5)
    editor = bench.chat.start("editor", "real")
    assert bench.chat.in_force(editor.id)["temperature"] == InForce(0.3, Origin.PERSONA)
    assert bench.chat.in_force()["temperature"] == InForce(0.2, Origin.MODEL)
    assert bench.chat.sampling(ModelSpec("real")).temperature == 1.5
