"""Which Chinese sentences stand alone; see `worth_en`.

Chinese drops subjects freely ("于1978年出版"), so openings that need a subject are faults too.
"""

from __future__ import annotations

import re

from aigc_tui.quiz.analysis.words_zh import segmenter

SHORTEST, LONGEST = 10, 110
"""Han characters (Latin words count as two)."""

_PRONOUN = re.compile(
    r"^(?:它|他|她|牠|祂|这(?!里)|那(?!不勒斯|曲|达慕|波里)|该|"
    r"此(?!起彼伏)|其(?!实)|彼此|两者|二者|前者|后者|三者|以上|上述|如此|同样|"
    r"另一|另外|其它|其他|"
    r"其中|其余|之后|此后|后来|随后|接着|然后|当时|同时|同年|次年|翌年|同月|同日|"
    r"在?第[一二三四五六七八九十]天|当[天日晚年月]|最开始|双方|两人|二人|三人|隔年|不久|这里|那里|这样|那样|"
    r"前一|后一|后面|前面|有的|有些|有人|有时|一方面|另一方面|一种是|另一种|一个是|"
    r"本(?=人|身)|自己|对此|为此|由此|"
    r"从而|于是|与此同时|除此之外|此外|在此|在这|在那|在其|当其|由于(?:此|这|其|它)|"
    r"因为(?:这|其|它)|通过(?:这|此)|根据(?:这|此)|按照(?:这|此)|"
    r"对(?:于)?(?:这|此|其|它)|从(?:这|此|那)|经过(?:这|此)|随着(?:这|"
    r"此)|以(?:此|其|上)|与(?:此|之|其|它)|和(?:它|他|她|这)|把(?:它|他|"
    r"她|这)|将(?:其|它|这|此)|被(?:它|他|她)|"
    r"向(?:它|他|她|其)|给(?:它|他|她)|因(?:此|而|其)|虽然(?:它|他|她|"
    r"如此)|如果(?:它|他|她|这)|当(?:它|他|她|这|时)|即使如此|尽管如此)"
)
_CONNECTIVE = re.compile(
    r"^(?:(?:注|备注|附|按)[：:]|(?:在|对|当|如果|从|由于|因为|为了|通过|\d)[^，。]{1,20}，[这它他她那](?![个些种里])|(?:\d{1,2}|[一二三四五六七八九十]{1,3})月[，,]|[\d一二两三四五六七八九十]{1,3}个?(?:天|日|年|月|周|小时)之?后[，,]|"
    r"在?第[一二三四]种|当初|起初|可惜|幸好|更\w{1,4}的是|\w{1,4}的是，|后(?=由于|来|因|又|经)|因此|所以|但是|但|然而|不过|可是|却|而且|并且|并|而|且|或者|或|也|还|"
    r"又|再|亦|则|即|就|才|甚至|例如|比如|譬如|换句话说|也就是说|换言之|"
    r"总之|总的来说|综上|总而言之|一般来说|首先|其次|再次|最后|最终|结果|相反|反之|反而|"
    r"否则|事实上|实际上|其实|当然|显然|可见|具体来说|具体而言|特别是|尤其是|"
    r"尤其|相比之下|相比|值得注意的是|需要注意的是|注意|另|如(?!果|今)|如今|现在|目前|"
    r"今天|以及|同理|类似地|类似的|简单来说|简而言之|简单地说|故|只有这样|要(?!塞|点|"
    r"素)|还有|接下来|下面|直到|"
    r"不仅如此|更重要的是|由此可见|第[一二三四五六七八九十]，|第[一二三四五六七八九十]、|一是|二是|三是)"
)
_HARMLESS = re.compile(
    r"^(?:此外|另外|然而|但是|不过|同时|事实上|实际上|一般来说|值得注意的是|"
    r"需要注意的是|值得一提的是|总的来说|总之|当然|首先|最后|目前|如今|其实|"
    r"例如|比如|具体来说|因此|所以|与此同时|除此之外|简单来说|简而言之)[，,：:]\s*"
)
_SUBJECTLESS = re.compile(
    r"^(?:于(?!\w{0,3}(?:是|为))|位于|是(?!否|非)|为(?!了|什么)|"
    r"有(?!一[天年次日]|机|丝|理数|氧|性|效|限|声|轨|线|色)|曾|曾经|已|已经|被|"
    r"由(?=\w{0,12}[，,])|原名|本名|又名|又称|亦称|也称|"
    r"主要(?:是|有|包括|分为|取决于|分布|由|用于|从事|生产)|属于?|包括|包含|称为|叫做|用于|"
    r"用来|可以|可(?=以|用|分|作)|能(?!量|源|力|级)|能够|会(?!议|计|厌|稽|"
    r"社|宁|昌)|将|把|使|让|令|导致|造成|以致|"
    r"具有|拥有|含有|分为|分布|出生|生于|卒于|毕业|任|担任|历任|获|获得|成立于|创立|"
    r"建于|始建|全长|全书|全文|总共|共(?!和|同|产|振|轭|价|生|工|鸣|识)|"
    r"常(?!见|数|温|州|规|量|委)|多(?=为|用|见|在)|如上|"
    r"考虑(?!到)|假设|假定|设(?!备|计|施|立)|令(?!人)|用(?!户|途|品|于)\w{1,12}(?:得到|训练|计算|求)|"
    r"指(?=在|对|由|用|的|一)|"
    r"(?!除了|为了)[\u4e00-\u9fff]{2}了(?!解)|现[已己为任是]|经(?=[^，]*。$)|在[^，]{1,8}(?:亦|也|多次|曾|先后)|分别(?:是|为|在|由)|居住在|绘制|画出|写出|成立(?=\w{0,8}[年月天]后)|"
    r"不(?!锈|等式|同|饱和|丹|列颠|规则|动产)|没有|没|无(?!线|机|论|氧|脊椎|锡|"
    r"性|理数|限|条件)|必须|应(?!力|用|县|激)|应该|应当|需要|需(?!求)|请|尝试|试|开始|"
    r"继续|通过(?=[^，]*。?$|[^，]*，(?:内|并|可|使|从而|以))|"
    r"年仅|享年|时年|身高|体长|体重|花期|果期|生长(?:于|在)|产于|栖息|以及|直至|"
    r"至今|迄今|之所以|接受|参加|进入|成为|取得|回到|来到)"
)
_HEADED = re.compile(r"^[^，。]*的[^，。的]{1,12}(?:是|称为|叫作|叫做|有|包括)")
"""What looks like a sentence without subject may begin with a clause before its noun (位于…的瀑布是…)."""
_DEICTIC = re.compile(
    r"如(?:下|上)(?:图|表|所示|文|式)?|如图|如表|见(?:图|表|上|下|第)|上文|"
    r"下文|前文|后文|左[上下]角|右[上下]角|上图|下图|上表(?!面)|下表(?!面)|左图|右图|图中|表中|本(?:节|章|书|文|课|"
    r"篇|教程|小节|单元|部分|例|题|实验)|"
    r"上(?:一)?(?:节|章)|下(?:一)?(?:节|章)|前面(?:的|我们|介绍|提到|"
    r"讲)|后面(?:的|我们|介绍|将)|上面|下面|(?:^|，)以下|上述|所示|"
    r"图\s?\d|表\s?\d|"
    r"第[一二三四五六七八九十\d]+[节章]|参[见考阅]|详见|点击|"
    r"公式\s?[（(]?\d|式[（(]\d|这个(?:例子|问题|公式|实验)|该图|此图|\( "
    r"?\)|（ ?）|代码|之前(?:的|我们|提到|介绍)|刚才|此处|这里"
)
_PERSON = re.compile(
    r"，请(?!求)|请确保|请注意|我(?!国|军|党|孚)|我们|你|您|咱|让我|读者|同学们|大家(?:都|可以|好|知道|要)|小编|笔者"
)
_SPEECH = re.compile(
    r"(?:说|道|问|答|喊|叫|回答|说道|问道|曰|想)[：:，,]?\s*[“「\"]|[“「][^”」]*[。！？，…][”」]|[”」](?:\w{0,6})(?:说|道|"
    r"问|喊)|^[“「]"
)
_DEBRIS = re.compile(
    r"[=^_{}\\$|<>~]{1,}|https?:|www\.|�|\[\s*\]|（\s*[，、；。）]|[，、；]{2,}|[，、]\s*[。]|\*\*|__|\(\)|"
    r"::|//|[，。、]\s+[，。、]|《》|“”|「」|『』|^[^是]*的[，。]$|、\s*$|是\s+[。，]|在\s+[。，中]|[（(][，、\s]"
)
_DOUBLED = re.compile(
    r"^(\w{2,30}) ?(?:[（(][^（）()]*[）)])? ?[（(《“]?\1|(\w{3,})\2|直径为的"
    r"|^(\w{3,20})\w{1,2}\3|^[\w·]+ [（(][^（）()]*[）)] ?(?=[\u4e00-\u9fff\d])"
    r"|(?<![认作称成以人行因])为的(?!是|就)"
)
"""A heading that ran into its first sentence."""
_SPACED = re.compile(r"[\u4e00-\u9fff]\s+(?=中(?:所|的|，|用|被|介绍|描述|展示|提)|所示|和\s+|[，。、])")
_PREDICATE = re.compile(
    r"很|非常|十分|比较|较|最|更|是|为|有|在|于|被|把|将|使|让|由|会|能|可|要|应|称|叫|指|成|作|做|进行|"
    r"发生|产生|形成|组成|构成|包括|包含|属于|位于|具有|含|存在|表示|说明|"
    r"出现|开始|建立|创立|提出|发现|发明|发展|增加|减少|提高|降低|影响|导致|引起|决定|"
    r"取决|需要|利用|采用|通过|得到|获得|用|写|生|死|卒|打|战|来|去|到|给|得|了|"
    r"着|过|从|对|向"
)
_POINTING = re.compile(
    r"^[^，；]*(?:^|[是在从把对由到被让与和了于说用以使])(?:这|那)(?:两|几|"
    r"些|种|个|一|次|场|座|条|件|样|项|类|三|四)|^[^，]{0,12}(?:上述|"
    r"该)(?=[\u4e00-\u9fff])"
)
"""A first clause that points at something named before."""
_PAIRS = (("（", "）"), ("(", ")"), ("《", "》"), ("“", "”"), ("「", "」"), ("【", "】"), ("[", "]"))
_HAN = re.compile("[\u3400-\u9fff]|[A-Za-z]+|\\d+")


_WHEN = re.compile(
    r"^(?:(?:通常|一般|往往|有时)[，,]?|(?:[\d〇零一二三四五六七八九十百公元前约至到在从自于\w]{0,12}?[\d元〇零一二三四五六七八九十]"
    r"[年月日](?:[（(][^（）()]*[）)])?(?:以后|之后|后|起|初|末|底|春|夏|秋|冬|间|期间|时)?[，,]?|[^，。的]{1,6}(?:后|时)(?=又|再|将|把|被)))+"
)
_ACTS = re.compile(
    r"^(?:将|把|被|因|又|再|并|曾|由(?=\w{0,40}[，。])|聘|受任|调任|改任|转任|升任|出任|任|获|入|迁|回到|搬|前往|担任|成为|加入|进入|在\w{1,12}(?:开设|出版|成立|组成|组建|建成|创立|去世|出生|举行|发表|获得|任|担任))"
)
"""After no more than a time these lack whoever does it: 大明三年调任廷尉, 2005年将总部搬至上海."""


_SAME = re.compile(
    r"(?:该|本)(?P<h>[片剧作书市县区镇村校院馆站机型种类国州省岛河山湖路线地桥寺球队会社党军部派家公组项])(?![\u4e00-\u9fff]?[身来质人])"
)


_OBJECT = re.compile(r"^[^，。；]*(?:为|对|把|给|向|与|和|跟|将|被|让|使|帮|替)[他她它](?!们?自己)")
"""Somebody acts on another whom the first clause does not name."""


def _has_no_antecedent(text: str) -> bool:
    """Whether 该片, 本作 point at something that the sentence has not named (一部…影片，该片…)."""
    return any(found["h"] not in text[: found.start()] for found in _SAME.finditer(text))


def _lacks_subject(text: str) -> bool:
    when = _WHEN.match(text)
    return when is not None and bool(_ACTS.match(text[when.end() :]))


def lead_in(text: str) -> int:
    """The length of 此外， and the like before a clause that could stand alone; else 0."""
    found = _HARMLESS.match(text)
    return found.end() if found else 0


def _length(text: str) -> int:
    return sum(2 if part[0].isascii() and part[0].isalpha() else 1 for part in _HAN.findall(text))


def _hangs(text: str) -> str:
    if _PRONOUN.match(text):
        return "pronoun-led"
    if _CONNECTIVE.match(text):
        return "connective-led"
    if _POINTING.search(text):
        return "points elsewhere"
    if _has_no_antecedent(text) or _OBJECT.search(text):
        return "points elsewhere"
    if _lacks_subject(text):
        return "no subject"
    return "no subject" if _SUBJECTLESS.match(text) and not _HEADED.match(text) else ""


def fault(text: str, listed: bool = False) -> str:
    """Say why a Chinese sentence cannot carry an item, in a short fixed phrase; empty: it can.

    An item of a list (`listed`) may do without a full stop.
    """
    length = _length(text)
    if length < SHORTEST or length > LONGEST:
        return "too short" if length < SHORTEST else "too long"
    last = text.rstrip("”」』’）)】 ")[-1:]
    if last in set("？?！!：:…，、") or "？" in text:
        return "question" if "？" in text or last == "?" else "no statement"
    if not listed and last not in {"。", "；", ".", ";", "．"}:
        return "fragment"
    if _DOUBLED.search(text):
        return "debris"
    if _SPEECH.search(text):
        return "direct speech"
    if any(text.count(left) != text.count(right) for left, right in _PAIRS) or _DEBRIS.search(text):
        return "debris"
    if _SPACED.search(text) or _DEICTIC.search(text):
        return "points elsewhere"
    if _PERSON.search(text):
        return "speaks to the reader"
    hangs = _hangs(text[lead_in(text) :].lstrip("　 "))
    if hangs:
        return hangs
    verb = _PREDICATE.search(text) or any(word.tag.startswith("v") for word in segmenter().words(text))
    return "" if verb else "fragment"
