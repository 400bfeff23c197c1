"""Dates, quantities and numbers in Chinese sentences.

People choose number and measure word together as the answer ("206块"), so they are one stretch here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from aigc_tui.quiz.analysis.records import Found, TermKind

_HAN = "〇零一二两三四五六七八九十百千万亿"
_DIGITS = r"\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_NUMBER = rf"(?:(?:{_DIGITS})(?:[十百千万亿]+)?|[{_HAN}]+(?:点[{_HAN}]+)?)"
_BEFORE = r"(?:公元前|西元前|公元|西元|前) ?"
_DYNASTY = (
    "夏朝|商朝|周朝|西周|东周|春秋时期|战国时期|春秋战国时期|春秋战国|秦朝|秦代|西汉|"
    "东汉|汉朝|汉代|三国时期|西晋|东晋|晋朝|晋代|"
    "南北朝时期|南北朝|隋朝|隋代|唐朝|唐代|五代十国|北宋|南宋|宋朝|宋代|辽朝|辽代|金朝|"
    "金代|西夏|元朝|元代|明朝|明代|清朝|清代|"
    "新石器时代|石器时代|旧石器时代|青铜器时代|青铜时代|铁器时代|中世纪|文艺复兴时期|民国时期"
)
_EDGE = "(?:初年|末年|初期|末期|早期|晚期|中期|后期|前期|中叶|年间|时期|以来)?"
_REIGNS = (
    "建安|贞观|开元|天宝|元和|建隆|熙宁|元丰|元祐|绍兴|洪武|永乐|宣德|成化|弘治|正德|"
    "嘉靖|隆庆|万历|天启|崇祯|顺治|康熙|雍正|"
    "乾隆|嘉庆|道光|咸丰|同治|光绪|宣统|民国|昭和|明治|大正|平成"
)
_YEARLIKE = r"(?:\d{3,4} ?|[〇零一二三四五六七八九]{4})"
_AROUND = r"(?:前后|左右|底|初|末|春天?|夏天?|秋天?|冬天?|年初|年底)?"
_COUNT = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_MONTH = r"(?: ?\d{1,2} ?|[一二三四五六七八九十]{1,3})月"
_DAY = r"(?: ?\d{1,2} ?|[一二三四五六七八九十]{1,3})[日号]"
_CENTURY = re.compile(
    rf"(?:{_BEFORE})?(?:\d{{1,2}} ?|[一二三四五六七八九十]{{1,3}})世纪"
    r"(?:(?: ?\d0 ?|[一二三四五六七八九]十)年代)?"
    r"(?:初期|末期|早期|晚期|中期|后期|前期|中叶|初|末|后半叶|上半叶|下半叶)?"
)
_DATES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("century", _CENTURY),
    (
        "decade",
        re.compile(
            r"(?<!\d)(?:\d{4} ?|"
            r"[一二]九?[〇零一二三四五六七八九]{2,3})年代(?:初期|末期|早期|晚期|中期|后期|"
            r"前期|初|末)?"
        ),
    ),
    (
        "span",
        re.compile(
            rf"(?<!\d)(?:{_BEFORE})?\d{{1,4}} ?年?(?: ?[—–~～－-]{{1,2}}|至|到) ?(?:{_BEFORE})?\d{{1,4}} "
            rf"?年(?!代)"
        ),
    ),
    ("day", re.compile(rf"(?<!\d)(?:{_BEFORE})?{_YEARLIKE}年(?:农历)?{_MONTH}{_DAY}")),
    ("month", re.compile(rf"(?<!\d)(?:{_BEFORE})?{_YEARLIKE}年{_MONTH}(?:初|底|中旬|上旬|下旬)?")),
    (
        "year",
        re.compile(
            rf"(?<!\d)(?:{_BEFORE}\d{{1,4}} ?|{_YEARLIKE})年(?![代级轻龄薪限间])"
            r"(?:[底初末]|[春夏秋冬]天)?"
        ),
    ),
    ("year", re.compile(rf"(?:{_REIGNS})(?:{_COUNT}|元)年(?:（{_YEARLIKE}年?）)?")),
    ("day", re.compile(rf"(?<![\d年])(?:农历|公历)?{_MONTH}(?:{_DAY}|初[一二三四五六七八九十])")),
    ("era", re.compile(rf"(?:{_DYNASTY}){_EDGE}")),
    ("year", re.compile(rf"(?:{_REIGNS})年间")),
    ("year", re.compile(rf"[\u4e00-\u9fff]{{2}}(?:{_COUNT}|元)年（{_YEARLIKE}年?[^（）]{{0,4}}）")),
    ("month", re.compile(r"(?<![\d年个])\d{1,2} ?月(?:份|初|底|中旬|上旬|下旬)?(?![\d\s]*[日号\d])")),
)

_UNITS = (
    "个百分点|摄氏度|华氏度|平方公里|平方千米|平方米|平方厘米|立方米|立方厘米|立方千米|"
    "公里/小时|千米/秒|公里|千米|厘米|毫米|微米|纳米|分米|英里|英尺|英吋|英哩|公尺|"
    "公分|呎|吋|英寸|海里|光年|"
    "千克|公斤|毫克|微克|英磅|毫升|公升|加仑|千焦|焦耳|千卡|大卡|卡路里|千瓦时|千瓦|"
    "兆瓦|瓦特|伏特|安培|欧姆|赫兹|牛顿|帕斯卡|兆帕|千帕|毫米汞柱|分贝|"
    "人民币|美元|欧元|英镑|日元|港元|元|角|分钟|小时|星期|世纪|个月|年代|个世纪|季度|年|周|天|夜|秒|刻钟|"
    "公顷|英亩|亩|米|克|吨|斤|两|升|里|尺|寸|丈|度|瓦|伏|安|欧|赫|帕|摩尔|倍|成|%|％|‰|℃|°C|°|"
    "km/h|km/s|m/s|km²|m²|m³|cm|mm|km|nm|μm|kg|mg|mL|ml|kJ|kcal|kPa|MPa|Hz|kW|GB|MB|KB|g|m|L|"
    "个|名|位|人|只|头|匹|条|根|支|枝|棵|株|朵|片|块|张|本|册|卷|部|篇|首|幅|"
    "座|栋|幢|间|所|家|层|级|届|次|回|遍|场|种|类|项|件|套|"
    "对|双|组|群|批|台|辆|架|艘|颗|粒|滴|瓶|杯|碗|勺|口|门|把|扇|岁|步|字|句|"
    "章|节|段|枚|门|户|省|县|市|州|国|道|顿|轮|集|期|票|分|"
    "大类|大洲|大洋|方面|阶段|部分|层次|要素|维|阶|位数|圈|元素|原子|电子|质子|中子|"
    "碱基|氨基酸|民族|国家|省份|城市"
)
_LATIN = r"(?!D|G[^A-Za-z/])[A-Za-zμΩ℃°]{1,5}[²³]?(?:/[A-Za-z]{1,4}[²³]?)?(?![A-Za-z0-9])"
_UNIT = f"(?P<u>{_LATIN}|{'|'.join(sorted(set(_UNITS.split('|')), key=lambda unit: (-len(unit), unit)))})"
_QUANTITY = re.compile(
    rf"(?<![\d.A-Za-z第〇零一二两三四五六七八九十百千万亿])(?P<n>{_NUMBER})(?:多|余|几)?(?:(?:[—–~～－-]{{1,2}}|至|"
    rf"到){_NUMBER})?"
    rf"(?:多|余)?\s?{_UNIT}"
)
_RATIO = re.compile(
    rf"(?:百分之|千分之|万分之)(?:{_NUMBER})|(?:[{_HAN}]+|\d+)分之(?:[{_HAN}]+|\d+)|"
    rf"\d+(?:\.\d+)?[:∶：]\d+(?:\.\d+)?"
)
_PLAIN = re.compile(
    rf"(?<![\d.A-Za-z年月第/-])(?P<n>{_DIGITS})(?:[万亿])?(?![\d.A-Za-z年月日号%％℃/-]|[:：]\d|"
    rf"\s?[\u4e00-\u9fff])"
)
_WHOLE = re.compile(r"^(?:一|十)[^十百千万亿]|^一[十百千万亿]?(?:些|般|直|起|样|定|切|旦|致|共|部分|方面|点)")

_DIGIT = {char: at for at, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_POWER = {"十": 10, "百": 100, "千": 1000}
_GREAT = {"万": 10_000, "亿": 100_000_000}


def number_value(words: str) -> float | None:
    """The value of a number in digits, Chinese characters, or both (`3.5万`, `二十六`); None: it is none."""
    plain = words.replace(",", "").replace("，", "")
    digits = re.match(r"\d+(?:\.\d+)?", plain)
    if digits:
        value = float(digits.group())
        for char in plain[digits.end() :]:
            value *= _POWER.get(char) or _GREAT.get(char) or 1
        return value
    if plain and all(char in _DIGIT for char in plain):
        return float("".join(str(_DIGIT[char]) for char in plain))
    total, part, last = 0, 0, 0
    for char in plain:
        if char in _DIGIT:
            last = _DIGIT[char]
        elif char in _POWER:
            part, last = part + max(last, 1) * _POWER[char], 0
        elif char in _GREAT:
            total, part, last = (total + max(part + last, 1)) * _GREAT[char], 0, 0
        else:
            return None
    return float(total + part + last)


def year_value(words: str) -> float | None:
    """The year that a date begins with, negative before the common era; centuries give their first year."""
    found = re.search(rf"\d+|[{_HAN}]+(?=[年世])", words)
    if found is None or re.match(_REIGNS, words):
        inner = re.search(r"(\d{3,4})年?）", words)
        return float(inner.group(1)) if inner else None
    number = number_value(found.group())
    if number is None:
        return None
    era = -1 if re.match("公元前|西元前|前", words) else 1
    if "世纪" in words:
        return -100.0 * number if era < 0 else 100.0 * (number - 1)
    return era * number if number > 31 or era < 0 or "元" in words[:2] else None


def _dates(text: str) -> Iterator[Found]:
    for unit, pattern in _DATES:
        for match in pattern.finditer(text):
            yield Found(match.start(), match.end(), TermKind.DATE, unit, year_value(match.group()), firm=True)


def _quantities(text: str) -> Iterator[Found]:
    for match in _RATIO.finditer(text):
        yield Found(match.start(), match.end(), TermKind.QUANTITY, "ratio")
    for match in _QUANTITY.finditer(text):
        number = match.group("n")
        # "一种", "一个" are articles, and "十分", "万一" are words: no number is meant.
        if number in {"一", "千", "万", "亿", "百", "十", "零"} or (
            number == "十" and match.group("u") == "分"
        ):
            continue
        yield Found(match.start(), match.end(), TermKind.QUANTITY, match.group("u"), number_value(number))
    for match in _PLAIN.finditer(text):
        yield Found(match.start(), match.end(), TermKind.NUMBER, "", number_value(match.group()))


def find_numbers(text: str) -> list[Found]:
    """Find the dates, quantities and numbers of a Chinese sentence, no ordinals; they may overlap."""
    return [*_dates(text), *_quantities(text)]
