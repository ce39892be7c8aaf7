"""What a web page or portal prints around a document: paths, links, share lines, picture names, lists of others.

Taken away conservatively: whole lines that can be nothing else, and everything after the list of other articles.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from jiqun.documents.lines import Line, Role
from jiqun.documents.numbering import FIRST, SECOND, parse_number

_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|bmp|webp|tiff?|mp4|JPE?G|PNG|GIF)$")
_PATH = re.compile(
    r"(?:(?:您|你)?(?:现在|当前|所在)?的?位置\s*(?:是|在)?\s*[:：]?\s*)?首\s?页\s*(?:[>＞»›/→|-]|->|>>).*"
    r"|(?:(?:您|你)(?:现在|当前|所在)?的?|当前)位置\s*(?:是|在)?\s*[:：].*"
)
_WHOLE = re.compile(
    r"[【\[(（]?(?:点击|立即|免费|全文|原文|附件|文档|PDF|Word)*(?:下载|查看)(?:全文|原文|附件|文档|地址|此文档|该文档)?[】\])）]?"
    r"|[【\[]?(?:打印(?:本页|此页|文章)?|关闭(?:窗口|本页|页面)?|收藏(?:本页)?|分享(?:到)?|返回(?:首页|顶部|列表|上页)|纠错|复制链接)[】\]]?"
    r"(?:[\s|【】\[\]]*(?:打印|关闭|收藏|分享|返回|纠错|保存|复制)(?:本页|窗口|到|首页|顶部)?[】\]]?)*"
    r"|(?:字体|字号)\s*[:：]?\s*[【\[]?\s*[大中小特\s|\]\[【】+-]+"
    r"|(?:分享到|分享至|扫一扫|扫码|微信扫).{0,30}"
    r"|(?:上|下)一(?:篇|条|页|章)\s*[:：].*|(?:上一?页|下一?页|尾页|首页)(?:[\s|]+(?:上一?页|下一?页|尾页|\d+))*"
    r"|(?:责任编辑|责编|编辑|审核|校对|录入|初审|复审|终审|监制|撰稿|编审)\s*[:：]\s*\S.{0,30}"
    r"|(?:标签|关键词|关键字|TAG|Tag|tag|tags|Tags)s?\s*[:：].{0,80}"
    r"|(?:浏览|阅读|点击|访问)(?:次数|量|数|人数)?\s*[:：]\s*\d*.{0,12}|阅读\s*\d+|\d+\s*次?(?:浏览|阅读)"
    r"|.{0,20}登录.{0,8}(?:才可以|后方可|后可以?|即可)?.{0,6}(?:发表)?(?:评论|回复)(?:[,，。;；]?\s*登录\s*(?:或者?)?\s*注册)?.{0,12}"
    r"|本文.{0,40}发表.{0,4}[“\"「].{1,20}[”\"」]栏目.?"
    r"|(?:本文|原文|文章|本页|来源)(?:链接|地址|网址)\s*[:：].*|https?://[^\s\u4e00-\u9fff]+"
    r"|[-=*_—~]{5,}|正文(?:\s*[:：]|复制)?|首\s?页(?:[\s|]+\S{2,8}){3,}"
    r"|.{0,6}(?:下载文档前|平台不提供额外|仅部分预览|如文档侵犯您的权益|文章来自网络|不代表本站观点).{0,100}"
    r"|(?:版权所有|Copyright|COPYRIGHT|©).{0,120}|.{0,30}(?:ICP备|公网安备|网站标识码|政府网站标识).{0,80}"
    r"|(?:技术支持|网站支持)(?:单位)?\s*[:：].{0,60}|(?:网站地图|联系我们|关于我们|设为首页|加入收藏)(?:[\s|·]+\S{2,8})*"
    r"|(?:视力保护色|无障碍浏览|长者模式|繁體|简体).{0,40}|免责声明\s*[:：].{0,200}"
    r"|(?:展开|收起|阅读)(?:全文|更多)|加载更多|查看更多"
)
_TRAILER = re.compile(
    r"以上(?:就)?是(?:本篇文章|本文|小编|关于|为大家|我们)?.{0,120}(?:全部内容|相关内容|所有内容)"
    r"|欢迎(?:阅览|浏览|阅读)\s*[!！]\s*文章地址|文章地址\s*[:：]\s*https?://"
)
_BLURB = re.compile(
    r"(?:以下|下面|本文|今天|这里|接下来).{0,30}(?:分享|整理|收集|带来|推荐|搜集|为您|为你|给大家).{0,40}"
    r"(?:欢迎|希望|仅供|供大家|一起来|让我们).{0,12}(?:阅读|参考|借鉴|帮助|看看|收藏|了解)"
)
_OTHERS = re.compile(
    r"[【\[]?(?:阅读推荐|推荐阅读|相关阅读|延伸阅读|相关(?:文章|新闻|推荐|链接|文档|信息|内容|资讯|报道|稿件|政策|专题)|热门(?:文章|推荐|新闻|文档|资讯|标签)"
    r"|最新(?:文章|文档|资讯|新闻|发布|更新)|猜你喜欢|你可能(?:还)?(?:感兴趣|喜欢).{0,8}|更多(?:文章|内容|推荐|资讯)|精彩推荐|为您推荐|同类(?:资讯|文章)"
    r"|(?:网友|用户|最新|全部|发表|我要)评论|评论列表)[】\]]?[:：]?\s*(?:更多|MORE|more)?[>＞»]*"
)
_HEADLINE = re.compile(  # of another article in a list
    r"(?:[-–]\s*)?[·•▪◆■]\s*\S.{4,60}(?<![。；;])|[-–·•*]\s*\S.{4,80}(?:\(\d\d-\d\d\)|\.docx?|\d{4}-\d\d-\d\d)"
)
_TITLE_IN_TRAILER = re.compile(r"[【《「]([^】》」]{4,80})[】》」]")
_LONGEST = 300  # characters; a longer line holds the document too, as in a page copied into one line


@dataclass(frozen=True)
class Cleared:
    """`kept` lines are the document; `trailer_title` is the title a portal's closing line names."""

    kept: list[Line]
    dropped: list[Line]
    trailer_title: str | None = None


def clear(lines: list[Line]) -> Cleared:
    """The document's lines without the page's.

    A list of other articles ends the document unless numbered parts follow it or more text than came before.
    """
    end = _end(lines)
    kept: list[Line] = []
    dropped = lines[end:]
    title = None
    head = True
    for line in lines[:end]:
        if line.grid is not None:
            kept.append(line)
            continue
        is_short = len(line.text) <= _LONGEST
        if is_short and _TRAILER.search(line.text):
            found = _TITLE_IN_TRAILER.search(line.text)
            title = found[1] if found else title
            dropped.append(line)
        elif line.role is Role.FURNITURE or is_furniture(line.text) or (head and is_short and _BLURB.search(line.text)):
            dropped.append(line)
        else:
            kept.append(line)
            head = head and parse_number(line.text) is None and len(kept) < 6
    return Cleared(kept, dropped, title)


def is_furniture(text: str) -> bool:
    """Whether a whole line can only be the page's own: a picture's file name, a path, a button, a credit, a link."""
    if _PICTURE.search(text):
        return len(text) <= 200
    if len(text) > _LONGEST:
        return False
    return _WHOLE.fullmatch(text) is not None or _PATH.fullmatch(text) is not None


def _end(lines: list[Line]) -> int:
    """Where the list of other articles begins, with its heading or without, or the number of lines."""
    sizes = [len(line.text) for line in lines]
    total = sum(sizes)
    before = 0
    for i, line in enumerate(lines):
        if len(line.text) <= 16 and line.grid is None and before * 4 > total and _OTHERS.fullmatch(line.text):
            numbers = (parse_number(later.text) for later in lines[i + 1 :])
            if not any(n is not None and n.rank in (FIRST, SECOND) for n in numbers):
                return i
        before += sizes[i]
    last = len(lines)
    while last and lines[last - 1].grid is None and _HEADLINE.fullmatch(lines[last - 1].text):
        last -= 1
    return last if last and len(lines) - last >= 3 else len(lines)
