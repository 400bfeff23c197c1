"""How requests for a form are worded in both languages, and the small tables behind them."""

from __future__ import annotations

from collections.abc import Mapping

# rule of the talk's grammar, and what to call it
KINDS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "en": (
        ("animal", "animals"),
        ("food", "foods"),
        ("color", "colors"),
        ("city", "cities"),
        ("hobby", "hobbies"),
        ("job", "jobs"),
        ("subject", "school subjects"),
    ),
    "zh": (
        ("animal", "种动物"),
        ("food", "种食物"),
        ("color", "种颜色"),
        ("city", "座城市"),
        ("hobby", "个爱好"),
        ("job", "种职业"),
        ("subject", "门学科"),
    ),
}

SAYINGS: Mapping[str, tuple[str, ...]] = {
    "en": (
        "{name} is {age} years old, lives in {city} and works as a {job}.",
        "{name}, {age}, is a {job} from {city}.",
        "In {city} there lives a {job} called {name}, who is {age}.",
    ),
    "zh": (
        "{name}今年{age}岁，住在{city}，是一名{job}。",
        "住在{city}的{name}是{job}，{age}岁。",
        "{job}{name}，{age}岁，来自{city}。",
    ),
}

WORDING: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "name_numbers": {
        "en": (
            "Name {n} {kind} in a numbered list.",
            "Give me a numbered list of {n} {kind}.",
            "List {n} {kind}, numbered.",
        ),
        "zh": ("用编号列出{n}{kind}。", "列一个有{n}{kind}的编号列表。", "请说出{n}{kind}，用1、2、3编号。"),
    },
    "name_dashes": {
        "en": (
            "Name {n} {kind} as bullet points.",
            "List {n} {kind}, each on its own line with a dash.",
            "Give me {n} {kind} as a list with dashes.",
        ),
        "zh": (
            "用短横线列出{n}{kind}，每行一个。",
            "列出{n}{kind}，每行前面加“-”。",
            "请用项目符号列出{n}{kind}。",
        ),
    },
    "name_commas": {
        "en": (
            "Name {n} {kind}, separated by commas.",
            "Name {n} {kind}.",
            "Only name {n} {kind}, nothing else.",
        ),
        "zh": ("说出{n}{kind}，用顿号隔开。", "说{n}{kind}。", "只说{n}{kind}，别的都不要说。"),
    },
    "restyle_numbers": {
        "en": ("Make a numbered list of this: {items}", "Turn this into a numbered list: {items}"),
        "zh": ("把下面的内容改成编号列表：{items}", "编号列出：{items}"),
    },
    "restyle_dashes": {
        "en": (
            "Make bullet points of this: {items}",
            "Write each of these on its own line with a dash: {items}",
        ),
        "zh": ("把下面的内容每行写一个，前面加“-”：{items}", "改成项目符号列表：{items}"),
    },
    "restyle_commas": {
        "en": ("Write this list in one line with commas:\n{items}", "Put this list into one line:\n{items}"),
        "zh": ("把这个列表写成一行，用顿号隔开：\n{items}", "把下面几行合成一行：\n{items}"),
    },
    "pick": {
        "en": (
            "Which is the {place} of these: {items}?",
            "Say only the {place} one: {items}",
            "{items}. What was the {place}?",
        ),
        "zh": ("{items}，{place}是什么？", "只说{place}：{items}", "下面{place}是什么：{items}"),
    },
    "json": {
        "en": (
            "Make a JSON object with the keys {keys}: {said}",
            "{said} Write that as JSON with the keys {keys}.",
            "Answer only with JSON (keys: {keys}). {said}",
            "Extract {keys} as JSON:\n{said}",
        ),
        "zh": (
            "用JSON表示，键为{keys}：{said}",
            "{said}请输出JSON，只包含{keys}。",
            "只用JSON回答（键：{keys}）。{said}",
            "从下面的句子里提取{keys}，输出JSON：\n{said}",
        ),
    },
    "sum": {
        "en": (
            "Answer with only a number: {a} + {b}",
            "What is {a} + {b}? Only the number.",
            "{a} plus {b}, just the number please.",
        ),
        "zh": ("只回答数字：{a} + {b}", "{a}加{b}等于多少？只说数字。", "{a} + {b} = ？只写数字。"),
    },
    "how_many": {
        "en": (
            "How many words are here? Only the number. {items}",
            "Answer with only a number: how many things are in this list? {items}",
        ),
        "zh": ("这里有几个词？只回答数字。{items}", "只回答数字：下面一共有几样东西？{items}"),
    },
    "one_word": {
        "en": (
            "{a} likes {x}. {b} likes {y}. Answer with the food only: what does {who} like?",
            "{a} eats {x} and {b} eats {y}. What does {who} eat? Only the food, no sentence.",
            "{a} bought {x}, {b} bought {y}. What did {who} buy? Answer as short as you can.",
        ),
        "zh": (
            "{a}喜欢{x}，{b}喜欢{y}。只说食物名：{who}喜欢什么？",
            "{a}吃{x}，{b}吃{y}。{who}吃什么？只回答食物，不要写句子。",
            "{a}买了{x}，{b}买了{y}。{who}买了什么？尽量短地回答。",
        ),
    },
    "yes_no": {
        "en": (
            "Answer only yes or no: is {word} one of these: {items}?",
            "{items}. Is {word} in this list? Yes or no.",
        ),
        "zh": (
            "只回答“是”或“不是”：{word}在下面这些词里吗？{items}",
            "{items}。其中有{word}吗？只答是或不是。",
        ),
    },
    "other_language": {
        "en": (
            "Answer in Chinese: {question}",
            "{question} Please answer in Chinese.",
            "Reply in Chinese. {question}",
        ),
        "zh": ("请用英语回答：{question}", "{question}（用英文回答）", "用英文回答我：{question}"),
    },
    "plain_sentence": {
        "en": (
            "I would like to try {food} one day.",
            "Many people like {food}.",
            "In {place} you can find good {food}.",
            "With friends, {food} is even better.",
        ),
        "zh": (
            "有机会真想尝尝{food}。",
            "很多人都喜欢{food}。",
            "在{place}能吃到好吃的{food}。",
            "和朋友一起吃{food}更香。",
        ),
    },
    "ends": {
        "en": (
            'Write a sentence about {topic} and end with "{mark}".',
            'Say something about {topic}. Your answer must end with "{mark}".',
            'One sentence about {topic}, then the word "{mark}".',
        ),
        "zh": (
            "写一句关于{topic}的话，以“{mark}”结尾。",
            "说说{topic}，回答的最后要写“{mark}”。",
            "用一句话说{topic}，然后写“{mark}”。",
        ),
    },
    "begins": {
        "en": (
            'Write a sentence about {topic} that begins with "{mark}:".',
            'Start your answer with "{mark}:" and say something about {topic}.',
        ),
        "zh": ("写一句关于{topic}的话，以“{mark}：”开头。", "回答以“{mark}：”开头，说说{topic}。"),
    },
    "exactly": {
        "en": (
            "Repeat exactly: {said}",
            'Say only this and nothing else: "{said}"',
            "Write exactly these words: {said}",
            "Copy this: {said}",
        ),
        "zh": (
            "一字不差地重复：{said}",
            "只说这几个字，别的都不要：“{said}”",
            "照抄：{said}",
            "原样写出：{said}",
        ),
    },
    "times": {
        "en": ('Write "{said}" {n} times.', "Say {n} times: {said}"),
        "zh": ("把“{said}”写{n}遍。", "说{n}遍：{said}"),
    },
    "upper": {"en": ("Write this in capital letters: {said}", "Make this upper case: {said}")},
    "lower": {"en": ("Write this in small letters: {said}", "Make this lower case: {said}")},
    "bracket": {
        "en": ("Put this into square brackets: {said}", "Write this between {marks}: {said}"),
        "zh": ("把这几个字放进{marks}里：{said}", "用{marks}括起来：{said}"),
    },
}


def _both(
    en_question: str, en_answer: str, zh_question: str, zh_answer: str
) -> tuple[dict[str, str], dict[str, str]]:
    return {"en": en_question, "zh": zh_question}, {"en": en_answer, "zh": zh_answer}


# (the question in both languages, the answer in both)
BILINGUAL = (
    _both("How are you?", "I'm well, thank you. And you?", "你好吗？", "我很好，谢谢。你呢？"),
    _both(
        "Who are you?",
        "I'm a small language model in this program.",
        "你是谁？",
        "我是这个程序里的一个小语言模型。",
    ),
    _both(
        "What can you do?", "I can chat and tell little stories.", "你会什么？", "我可以聊天，也会讲小故事。"
    ),
    _both(
        "What is the capital of France?",
        "The capital of France is Paris.",
        "法国的首都是哪里？",
        "法国的首都是巴黎。",
    ),
    _both(
        "What is the capital of China?",
        "The capital of China is Beijing.",
        "中国的首都是哪里？",
        "中国的首都是北京。",
    ),
    _both(
        "What is the capital of Japan?",
        "The capital of Japan is Tokyo.",
        "日本的首都是哪里？",
        "日本的首都是东京。",
    ),
    _both("How many days are in a week?", "A week has seven days.", "一个星期有几天？", "一个星期有七天。"),
    _both(
        "How many months are in a year?", "A year has twelve months.", "一年有几个月？", "一年有十二个月。"
    ),
    _both("What color is the sky?", "The sky is blue.", "天空是什么颜色？", "天空是蓝色的。"),
    _both("What color is grass?", "Grass is green.", "草是什么颜色？", "草是绿色的。"),
    _both("What do cows eat?", "Cows eat grass.", "牛吃什么？", "牛吃草。"),
    _both("What do bees make?", "Bees make honey.", "蜜蜂酿什么？", "蜜蜂酿蜂蜜。"),
    _both("Where do fish live?", "Fish live in water.", "鱼生活在哪里？", "鱼生活在水里。"),
    _both("What is the sun?", "The sun is a star.", "太阳是什么？", "太阳是一颗恒星。"),
    _both(
        "Do you like music?",
        "I'm a program, but I like to hear about it.",
        "你喜欢音乐吗？",
        "我是程序，不过很想听你说说。",
    ),
    _both("I'm tired.", "Then take a short rest.", "我很累。", "那就休息一会儿吧。"),
    _both("I'm hungry.", "Then have something good to eat.", "我饿了。", "那就吃点好的吧。"),
    _both(
        "I'm sad.", "I'm sorry to hear that. What happened?", "我很难过。", "听到这个我很难过。发生了什么事？"
    ),
    _both("Thank you.", "You're welcome!", "谢谢你。", "不客气！"),
    _both("Good morning!", "Good morning!", "早上好！", "早上好！"),
    _both("Good night!", "Good night, sleep well!", "晚安！", "晚安，好好睡！"),
    _both("Say goodbye.", "Goodbye!", "说再见。", "再见！"),
    _both("Wish me luck.", "Good luck!", "祝我好运。", "祝你好运！"),
    _both(
        "What will the weather be tomorrow?",
        "I don't know; I have no internet.",
        "明天天气怎么样？",
        "我不知道，我不能上网。",
    ),
    _both("How many hours are in a day?", "A day has 24 hours.", "一天有多少小时？", "一天有二十四小时。"),
    _both(
        "Which season comes after winter?",
        "Spring comes after winter.",
        "冬天过后是什么季节？",
        "冬天过后是春天。",
    ),
    _both(
        "What is water made of?",
        "Water is made of hydrogen and oxygen.",
        "水由什么组成？",
        "水由氢和氧组成。",
    ),
    _both("Are you a person?", "No, I'm a program.", "你是人吗？", "不是，我是程序。"),
)
