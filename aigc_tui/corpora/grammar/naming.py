"""Names made from parts: lists without end, so that repeating a name cannot be learned as a choice.

The first starter had forty English names in its lists; it answered "My name is Clara" with "Nice to meet you,
Luke!", because the closed list was good enough to lower its loss. With open names only copying lowers it.
"""

from __future__ import annotations

from random import Random


def _parts(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_HEADS = _parts(
    """
    A Be Bo Bra Ca Ce Cla Co Da De Do Dra E El Fa Fi Flo Ga Ge Gra Ha He Ho I Ja Je Jo Ka Ke Ki La Le Li
    Lo Lu Ma Me Mi Mo Na Ne No O Pa Pe Po Qui Ra Re Ri Ro Ru Sa Se Sha Si So Ste Su Ta Te Tha Ti To Tri
    U Va Ve Vi Wa Wi Xa Ya Yo Za Ze
    """
)
_MIDDLES = _parts(
    """
    l ll n nn r m d t v s ss th lv nd rt rl st b bb c k g lm mb rn z sh ph lin mar ran ven dor tal ber
    """
)
_ENDS = _parts(
    """
    a o ie y e an en in on ia io as is us el al ah ette ine ara ena ita ora yn ard ert bert mond ric win
    ley ton son bel
    """
)
_TAILS = _parts(
    """
    son ton man ley field wood well ford ham worth berg stein ski ov er ing don by low mont ridge
    """
)
_STEMS = _parts(
    """
    Ash Bar Ben Black Brook Car Cole Dal Dun East Ever Fen Gar Green Hal Har Hart Hol Jack John Kel Lang
    Law Mar Mor New North Old Par Pen Rich Rob San Stan Stone Thorn Wal West White Will Win Wood York
    """
)
_SURNAMES = tuple(
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏"
    "魏吕丁任沈姚卢姜崔钟谭陆汪范金石"
)
_DOUBLE = ("欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "慕容", "令狐", "公孙", "司徒", "夏侯")
_GIVEN = tuple(
    "伟芳娜敏静丽强磊军洋勇艳杰涛明超霞平刚文华玲红志海燕龙雨欣子轩思远梓涵晓东佳怡天宇美国春梅"
    "雪云飞鹏浩然婷琳悦安宁心清秋月星晨阳光瑞祥嘉诚毅博雅慧颖莹倩蕾薇兰竹菊莲荷柳松柏林森泉江河"
    "川山岩峰岚青蓝紫彤丹若如诗书画琴棋墨言语默信义礼智仁可爱乐康健福禄寿喜成功立业学民生德才俊"
    "豪贵富荣昌盛凯旋胜利"
)


def english_name(random: Random) -> str:
    """Make one English-looking first name, such as Talvin or Morena."""
    middle = random.choice(_MIDDLES) if random.random() < 0.85 else ""
    return random.choice(_HEADS) + middle + random.choice(_ENDS)


def english_surname(random: Random) -> str:
    """Make one English-looking family name, such as Harwood or Benton."""
    return random.choice(_STEMS) + random.choice(_TAILS)


def chinese_name(random: Random) -> str:
    """Make one Chinese name of two to four characters, or a short form such as 小欣 or 老郭."""
    if random.random() < 0.25:
        return random.choice("小小小阿老") + random.choice(_GIVEN + _SURNAMES)
    given = "".join(random.choices(_GIVEN, k=random.choice((1, 2, 2))))
    surname = random.choice(_DOUBLE) if random.random() < 0.08 else random.choice(_SURNAMES)
    return surname + given
