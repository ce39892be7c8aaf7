"""Policy text of any amount, all invented: plans, yearly reports, statistical texts and notices without numbers.

    python benchmarks/corpus.py FOLDER --megabytes 3          files document-00001.txt …
    documents(megabytes) in code                              (name, text) one after the other

The same seed writes the same corpus. Sentences are put together from words of this file alone; their mix follows
what plans of cities look like: about two numbers committed to or reported in a kilobyte of UTF-8, two thirds of
the prose without any, a work item in every kilobyte, documents from 5 to 60 kilobytes.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from pathlib import Path


def _words(text: str) -> list[str]:
    return text.split()


NUMERALS = "一二三四五六七八九十"
PLACES = ["全市", "各区", "临江区", "青石县", "东湖新区", "北岭市", "全域", "中心城区", "沿江片区", "高新区"]
BODIES = _words(
    "市工信局 市发改委 市科技局 市商务局 市财政局 市人社局 市数据局 市教育局 市农业农村局 市生态环境局 市住建局 "
    "市交通运输局 市文旅局 市卫健委 市市场监管局 市国资委 市统计局 市金融办 市自然资源局 市水务局 各区政府 高新区管委会"
)
SECTORS = _words(
    "智能装备 新型显示 生物医药 集成电路 新能源汽车 绿色建材 精细化工 软件信息 节能环保 现代种业 海洋工程 航空配套 "
    "纺织服装 食品加工 工业互联网 现代物流 文化创意 医疗器械 轨道交通 新型储能 机器人 光电子 特种钢 智能家居"
)
THINGS = _words(
    "龙头骨干企业 制造业单项冠军 专精特新中小企业 高新技术企业 创新联合体 技术研发中心 中试基地 检验检测平台 孵化器 "
    "产业园区 标准厂房 智能工厂 数字化车间 公共服务平台 产业基金 人才公寓 实训基地 示范项目 重点项目 科技成果转化项目 "
    "发明专利 行业标准 农民合作社 社区服务站 物流枢纽 充电设施 数据中心 绿色工厂 博士后工作站 外资研发机构"
)
COUNTERS = _words("家 个 项 件 条 座 处 名")
AMOUNTS = _words(
    "工业总产值 规上工业增加值 服务业增加值 社会消费品零售总额 进出口总额 研发经费支出 技术合同成交额 固定资产投资 "
    "实际使用外资 一般公共预算收入 数字经济核心产业增加值 农产品加工产值 软件业务收入 新增贷款 跨境电商交易额"
)
SHARES = _words(
    "战略性新兴产业产值占规上工业比重 研发经费占地区生产总值比重 服务业增加值占地区生产总值比重 高技术制造业占比 "
    "规上企业数字化改造覆盖率 污水集中处理率 绿色建筑占比 学前教育普惠率 政务服务网办率 本地配套率"
)
VERBS = _words(
    "推进 深化 完善 健全 强化 优化 提升 拓展 落实 加快 支持 引导 鼓励 培育 统筹 规范 巩固 探索 推广 促进 壮大 构建"
)
OBJECTS = _words(
    "产业链上下游协同 企业梯度成长机制 关键技术攻关 重点园区配套 要素市场化配置 科技金融服务 人才引育政策 知识产权保护 "
    "数字化转型服务 绿色低碳改造 供应链韧性 城乡融合发展 营商环境建设 开放合作水平 安全生产责任 质量品牌建设 "
    "土地集约利用 公共数据开放 校企联合培养 项目全周期服务 应用场景开放 区域协作分工 政府采购支持 产业用地保障"
)
PURPOSES = _words(
    "形成各有侧重的发展格局 让企业办事更省心 补齐产业链薄弱环节 带动上下游共同成长 把优势做得更强 减少重复建设 "
    "使资源向优势领域集中 提高产业发展的含金量 为后续项目落地留足空间 夯实长远发展的基础 增强抵御风险的能力"
)
MANNERS = _words(
    "坚持问题导向 按照分级分类原则 结合各地实际 在摸清底数的基础上 依托现有平台 以重点项目为抓手 通过部门联动"
)
SYSTEMS = _words("重点企业库 产业链图谱 项目清单 问题台账 景气指数 服务平台 会商机制 人才名录 技术目录 产业地图")
KINDS = ("plan", "plan", "plan", "plan", "plan", "report", "report", "report", "figures", "notice")


class Writer:
    """Sentences of one document, drawn from a generator of its own."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.year = rng.randrange(2012, 2026)
        self.goal = self.year + rng.choice((2, 3, 5))
        self.sector = rng.choice(SECTORS)

    def pick(self, words: list[str]) -> str:
        return self.rng.choice(words)

    def several(self, words: list[str], most: int = 4) -> str:
        return "、".join(self.rng.sample(words, self.rng.randrange(2, most + 1)))

    def amount(self) -> str:
        digits = self.rng.choice((f"{self.rng.randrange(2, 99) * 10}", f"{self.rng.uniform(1, 900):.1f}"))
        return f"{digits}{self.rng.choice(('亿元', '亿元', '万元', '万亿元', '亿美元'))}"

    def count(self) -> str:
        number = self.rng.choice((self.rng.randrange(2, 90), self.rng.randrange(1, 60) * 50))
        return f"{number}{self.pick(COUNTERS)}"

    def percent(self) -> str:
        return f"{self.rng.uniform(1, 95):.1f}%" if self.rng.random() < 0.6 else f"{self.rng.randrange(3, 96)}%"

    def prose(self) -> str:
        """A sentence without a number."""
        parts = [f"{self.pick(VERBS)}{self.sector}领域{self.pick(OBJECTS)}"]
        parts += [f"{self.pick(VERBS)}{self.pick(OBJECTS)}" for _ in range(self.rng.randrange(1, 4))]
        parts.append(self.pick(PURPOSES))
        lead = self.pick(MANNERS) + "，" if self.rng.random() < 0.4 else ""
        named = f"，{self.pick(['建立', '完善', '编制', '发布'])}{self.pick(SECTORS)}{self.pick(SYSTEMS)}"
        return lead + "，".join(parts) + (named if self.rng.random() < 0.12 else "") + "。"

    def promise(self) -> str:
        """A sentence with one to three targets."""
        forms = (
            lambda: f"{self.pick(PLACES)}{self.pick(AMOUNTS)}达到{self.amount()}",
            lambda: f"{self.pick(AMOUNTS)}年均增长{self.percent()}{self.pick(['以上', '左右', ''])}",
            lambda: f"{self.pick(SHARES)}提高到{self.percent()}",
            lambda: f"新增{self.pick(THINGS)}{self.count()}{self.pick(['以上', '', ''])}",
            lambda: f"{self.pick(['培育', '建设', '引进', '打造'])}{self.count()}{self.pick(THINGS)}",
            lambda: f"{self.pick(THINGS)}累计超过{self.count()}",
            lambda: f"每年{self.pick(['实施', '认定', '组织'])}{self.pick(THINGS)}{self.rng.randrange(5, 80)}项",
        )
        said = "，".join(self.rng.choice(forms)() for _ in range(self.rng.choice((1, 1, 1, 2, 3))))
        return self.pick([f"到{self.goal}年，", f"力争到{self.goal}年底，", "力争", ""]) + said + "。"

    def fact(self) -> str:
        """A sentence with one to three figures reached."""
        span = self.pick([f"{self.year - 1}年", "全年", f"{self.year}年上半年", f"{self.year}年1—8月", "截至6月底"])
        forms = (
            lambda: f"{self.pick(AMOUNTS)}{self.amount()}，同比增长{self.percent()}",
            lambda: f"{self.pick(THINGS)}达{self.count()}，比上年增加{self.rng.randrange(2, 80)}个",
            lambda: f"{self.pick(SHARES)}为{self.percent()}，提高{self.rng.uniform(0.1, 6):.1f}个百分点",
            lambda: f"{self.pick(AMOUNTS)}突破{self.amount()}，总量居全省第{self.pick(list(NUMERALS))}",
        )
        return f"{span}，" + "；".join(self.rng.choice(forms)() for _ in range(self.rng.choice((1, 1, 2)))) + "。"

    def paragraph(self, numbered: str, share: float) -> str:
        """Some sentences, of which about `share` hold numbers."""
        say = self.fact if numbered == "facts" else self.promise
        sentences = [say() if self.rng.random() < share else self.prose() for _ in range(self.rng.randrange(2, 6))]
        return "".join(sentences)

    def duty(self) -> str:
        return f"（{self.pick(['责任单位', '责任部门', '牵头单位'])}：{self.several(BODIES, 6)}）"

    def heading(self) -> str:
        return f"{self.pick(VERBS)}{self.pick(OBJECTS)}"


def document(rng: random.Random, number: int) -> str:
    """One document of a kind drawn by lot."""
    writer, kind = Writer(rng), rng.choice(KINDS)
    if kind == "figures":
        return _figures(writer)
    if kind == "notice":
        return _notice(writer, number)
    return _parts(writer, number, "facts" if kind == "report" else "goals")


def documents(megabytes: float, seed: int = 1) -> Iterator[tuple[str, str]]:
    """Name and text of documents that make up at least this many megabytes of UTF-8, one at a time."""
    rng = random.Random(seed)
    written, number = 0, 0
    while written < megabytes * 1e6:
        number += 1
        text = document(rng, number)
        written += len(text.encode())
        yield f"document-{number:05d}.txt", text


def _parts(writer: Writer, number: int, numbered: str) -> str:
    """A plan, or a report on a year with plans for the next."""
    rng = writer.rng
    title = (
        f"清源市{writer.sector}产业发展三年行动计划（{writer.year}—{writer.goal}年）"
        if numbered == "goals"
        else f"清源市{writer.year}年{writer.sector}产业发展工作报告"
    )
    lines = [title, f"清政发〔{writer.year}〕{number % 190 + 1}号", "", f"　　{writer.prose()}{writer.prose()}", ""]
    for part in range(rng.randrange(3, 8)):
        lines.append(f"　　{NUMERALS[part]}、{writer.heading()}")
        share = 0.35 if part == 0 else 0.14
        for item in range(rng.randrange(3, 9)):
            lines.append(
                f"　　（{NUMERALS[item]}）{writer.heading()}。{writer.paragraph(numbered, share)}{writer.duty()}"
            )
            for point in range(rng.choice((0, 0, 0, 2, 3))):
                lines.append(f"　　{point + 1}.{writer.heading()}。{writer.paragraph(numbered, share)}")
        numbered = "goals" if rng.random() < 0.4 else numbered
    lines += ["", "清源市人民政府", f"{writer.year}年{rng.randrange(1, 13)}月{rng.randrange(1, 28)}日"]
    return "\n".join(lines)


def _figures(writer: Writer) -> str:
    """A statistical text: figures from the first line to the last."""
    lines = [f"清源市{writer.year}年国民经济和社会发展统计公报"]
    for part in range(writer.rng.randrange(4, 10)):
        lines.append(f"　　{NUMERALS[part]}、{writer.pick(AMOUNTS)}")
        lines += [f"　　{writer.paragraph('facts', 0.75)}" for _ in range(writer.rng.randrange(2, 7))]
    return "\n".join(lines)


def _notice(writer: Writer, number: int) -> str:
    """Rules without a number to promise: articles."""
    lines = [f"清源市{writer.sector}产业项目管理办法", f"清政办发〔{writer.year}〕{number % 190 + 1}号"]
    for article in range(1, writer.rng.randrange(15, 50)):
        lines.append(f"　　第{article}条　{''.join(writer.prose() for _ in range(writer.rng.randrange(1, 5)))}")
    return "\n".join(lines)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--megabytes", type=float, default=3)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    count = size = 0
    for name, text in documents(options.megabytes, options.seed):
        count, size = count + 1, size + (options.folder / name).write_bytes(text.encode())
    print(f"{options.folder}：{count} 份文件，{size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
