"""Small lessons that the tests of the analysis share, and short ways to look at what was found."""

from __future__ import annotations

from aigc_tui.quiz.analysis.analyse import analyse
from aigc_tui.quiz.analysis.records import Analysis, TermKind
from aigc_tui.quiz.lesson.reading import lesson_from_text

ENGLISH = """# Blood

## What flows in the body

**Plasma** is the pale liquid in which the blood cells float.
The red blood cells carry oxygen from the lungs to every part of the body.
It also carries sugar and salts to all of the cells.
A healthy adult has about 5 litres of blood, at a temperature of 37 °C.
In 1628 the English physician William Harvey published his book on the motion of the heart.
Harvey showed that blood flows in a circle.
Magnetic resonance imaging (MRI) shows the vessels without a cut.
The thin tubes that join arteries and veins are called capillaries.

## How a clot forms

1. The vessel contracts.
2. Platelets stick to the wound.
3. Fibres form a net over the platelets.

## Later times

In 1667, a French doctor gave sheep blood to a boy.
In 1901, blood groups were found in Vienna.
In 1914, citrate was shown to keep blood liquid.
"""

CHINESE = """# 血液

## 血液的成分

**血浆**是指血液中淡黄色的液体部分。
红细胞把氧气从肺运送到全身各处的细胞。
它还运输糖类、维生素和无机盐。
成年人约有 5 升血液，正常体温约为 37 摄氏度。
1628 年，英国医生哈维出版了《心血运动论》，说明血液循环的途径。
连接动脉和静脉的细小血管叫作毛细血管。
磁共振成像（MRI）能显示血管的位置。

## 止血的步骤

1. 清洗伤口
2. 用纱布按压伤口
3. 缠上绷带
"""


def english(text: str = ENGLISH) -> Analysis:
    """The analysis of an English text."""
    return analyse(lesson_from_text(text, "", "en"))


def chinese(text: str = CHINESE) -> Analysis:
    """The analysis of a Chinese text."""
    return analyse(lesson_from_text(text, "", "zh"))


def kinds(analysis: Analysis) -> dict[str, TermKind]:
    """What was found, by its words."""
    return {mention.text: mention.kind for mention in analysis.mentions}


def reasons(analysis: Analysis) -> dict[str, str]:
    """Why each sentence is not usable, or an empty word, by the sentence."""
    lesson = analysis.lesson
    return {
        lesson.quote(sentence): worth.reason
        for sentence, worth in zip(lesson.sentences, analysis.worth, strict=True)
    }
