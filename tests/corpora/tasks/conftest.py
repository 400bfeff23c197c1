"""A corpus of a few records of every kind that tasks are made from, small enough to read."""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import pytest

from tests.support.tiny_recipe import tiny, tiny_yaml, tokenizer

__all__ = ["tiny", "tiny_yaml", "tokenizer"]

_EN = (
    "Old Bento lived by the river. One day he found a silver spoon in the mud. He carried it to the mill and "
    "gave it to the miller's daughter. She thanked him and baked a cake. They ate it together in the garden."
)
_ZH = "青石桥建于1932年，位于河东镇。桥长三十米，由石匠陈大山设计。每年春天，镇上的人都到桥边放风筝。"

ROWS: dict[str, list[dict[str, Any]]] = {
    "fairytale_qa": [
        {"context": _EN, "question": "What did he find?", "answer": "a silver spoon"},
        {"context": _EN, "question": "Where did they eat it?", "answer": "in the garden"},
        {"context": _EN, "question": "How did he feel?", "answer": "an answer that is nowhere in it"},
    ],
    "squadlike": [
        {"context": _ZH, "question": "青石桥建于哪一年？", "answer": "1932年"},
        {"context": _ZH, "question": "桥由谁设计？", "answer": "石匠陈大山"},
    ],
    "onestop": [
        {
            "name": "Tea",
            "level": "advanced",
            "text": "Tea remains the most popular drink in the whole land.",
        },
        {"name": "Tea", "level": "elementary", "text": "Tea is still the most popular drink in the land."},
        {
            "name": "Alone",
            "level": "advanced",
            "text": "Nobody wrote this one a second time for learners.",
        },
    ],
    "e2e": [
        {
            "mr": "name[Aromi], eatType[pub], food[Chinese], near[Café Sicilia], familyFriendly[yes]",
            "ref": "The  pub Aromi near Café Sicilia serves Chinese food.",
        }
    ]
    * 4,
    "wordnet": [
        {"members": [word], "pos": pos, "definition": definition, "examples": [f"an example with {word}"]}
        for word, pos, definition in (
            ("brook", "n", "a small stream"),
            ("mend", "v", "repair something that is broken"),
            ("quiet", "a", "free of noise"),
            ("ladle", "n", "a spoon with a long handle"),
            ("gust", "n", "a strong and sudden wind"),
            ("tiptoe", "v", "walk on the tips of the toes"),
            ("amber", "n", "a yellow stone of old resin"),
        )
    ],
    "trivia": [{"question": "Which is a bird?", "options": ["Trout", "Wren", "Oak"], "answer": "Wren"}] * 8,
    "xiehouyu": [
        {"riddle": "竹篮打水", "answer": "一场空"},
        {"riddle": "下雨天背棉絮", "answer": "越背越重"},
        {"riddle": "烂了根的葱", "answer": "心不死"},
    ]
    * 4,
    "enwiki": [{"text": "Bento Bridge\nBento Bridge is a bridge of stone. It was built in 1878."}],
    "zhwiki": [{"text": "青石桥\n青石桥是河东镇的一座石桥，建于1932年。桥长三十米。"}],
    "storybook": [{"text": "The Hungry Heron\n" + _EN}],
    "fairytale": [{"text": "The Spoon\n" + _EN + " " + _EN}],
    "howtocook": [{"text": "# 蛋炒饭的做法\n\n## 必备原料和工具\n\n- 米饭\n- 鸡蛋\n- 葱\n\n## 操作\n"}],
}


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the rows as the corpus files that the tasks read."""
    folder = tmp_path_factory.mktemp("corpus")
    for name, rows in ROWS.items():
        with lzma.open(folder / f"{name}.jsonl.xz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return folder
