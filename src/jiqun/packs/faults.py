"""Everything that can be wrong with a city folder: code → severity, what is wrong, what to do."""

from __future__ import annotations

from jiqun.model.findings import Finding, Place, Severity

_E, _W = Severity.ERROR, Severity.WARNING

FAULTS: dict[str, tuple[Severity, str, str]] = {
    # the folder and its files
    "folder": (_E, "不是城市文件夹：{why}", "城市文件夹里应有 city.yaml。"),
    "extends": (_E, "要继承的文件夹“{name}”找不到", "改为随程序提供的文件夹（{known}），或把它放在本文件夹旁边。"),
    "extends_cycle": (_E, "文件夹互相继承，绕成了圈：{chain}", "去掉其中一个 extends。"),
    "extends_id": (
        _E,
        "所继承的文件夹“{name}”在 city.yaml 里自称“{id}”",
        "目录名应与其 id 相同，且不同于本文件夹。",
    ),
    "missing_file": (_E, "缺少文件 {name}", "补上该文件；运行 jiqun new-city 可得到带注释的样板。"),
    "unknown_file": (_W, "文件夹里没有规定过这个文件，不会被读取", "检查文件名和所在目录，或删去。"),
    "encoding": (_E, "不是 UTF-8 编码", "另存为 UTF-8；Excel 中选“CSV UTF-8（逗号分隔）”。"),
    "syntax": (_E, "文件写法有误：{why}", "检查缩进、冒号、引号和方括号。"),
    "duplicate_key": (_E, "键“{key}”写了两次（上一次在第 {first} 行）", "留下一个。"),
    "alias": (_E, "用了锚点引用（& 与 *）或自定义标签（!）", "把内容直接写出来。"),
    "unknown_key": (_E, "没有规定过键“{key}”", "检查拼写；这里可用的键：{known}。"),
    "missing_key": (_E, "缺少“{key}”", "补上它。"),
    "wrong_type": (_E, "“{key}”的值 {value} 不合要求：{why}", "改正这个值；不用的键整行删去。"),
    "no_header": (_E, "表里没有表头", "第一行应为列名：{known}。"),
    "unknown_column": (_E, "没有规定过列“{key}”", "检查拼写；可用的列：{known}。"),
    "missing_column": (_E, "缺少列“{key}”", "在表头补上该列。"),
    "duplicate_column": (_E, "列“{key}”出现了两次", "留下一列。"),
    "cells": (_E, "这一行有 {count} 格，表头有 {expected} 列", "检查多写或漏写的逗号；含逗号的文字要用双引号括起。"),
    # identity and reference
    "id": (_E, "编号“{id}”不合要求", "只用英文字母、数字、下划线、短横和点，以字母或数字开头。"),
    "duplicate_id": (_E, "{kind}“{id}”已在 {first} 写过", "改用另一个编号，或删去重复的一条。"),
    "redefined": (_E, "{kind}“{id}”在所继承的文件夹里已有（{first}）", "下级文件夹只能新增，请换一个编号。"),
    "dangling": (_E, "“{field}”指向的{kind}“{id}”不存在{near}", "改为已有的编号，或先把它写进文件夹。"),
    "two_parents": (_E, "{kind}“{id}”有两个上级：“{one}”和“{two}”", "每个区划只能有一个上级，删去一条。"),
    "cycle": (_E, "{kind}绕成了圈：{chain}", "断开其中一处。"),
    "itself": (_E, "“{field}”指向了自己", "改为另一个编号，或留空。"),
    # values
    "unit": (_E, "单位“{unit}”读不懂", "写成 亿元、万人、%、件/万人 这样的单位；指数不写单位。"),
    "unit_mismatch": (_E, "单位“{unit}”换算不成{other}", "核对单位。"),
    "period": (_E, "时期“{period}”读不懂", "写成 2023、2023H1、2023Q3、2023M8、2024Q1-Q3 或 2024M1-M8。"),
    "number": (_E, "“{value}”不是数", "只写数字和小数点，不写千分号、单位或“约”。"),
    "dates": (_E, "日期前后颠倒：{start} 至 {end}", "核对起止日期。"),
    "overlap": (_E, "{what}“{one}”与“{two}”的有效期重叠", "让前一版在后一版生效前结束。"),
    "no_end": (_E, "写了承接机构，却没有停用日期 valid_to", "补上 valid_to（名称停用的第一天）。"),
    "gap": (_W, "{end} 停用，承接它的“{id}”到 {start} 才启用", "核对两个日期。"),
    "order": (_E, "“{name}”的各档生效日期没有从早到晚排列，或有两档同一天", "按 valid_from 从早到晚排列，每天一档。"),
    # concepts
    "ratio": (_E, "汇总方式为 ratio，却缺少{missing}", "写明 numerator_id 和 denominator_id。"),
    "not_ratio": (
        _E,
        "汇总方式为 {kind}，不应写分子或分母",
        "去掉 numerator_id、denominator_id，或把 kind 改为 ratio。",
    ),
    "ratio_scale": (_W, "分子分母单位相同、结果为 %，倍率 scale 却是 {scale}", "一般应为 100。"),
    "tile": (_E, "方格图位置（第 {column} 列第 {row} 行）已被“{other}”占用", "换一个位置。"),
    "half_tile": (_E, "方格图位置只写了一半", "tile_column 和 tile_row 要么都写，要么都不写。"),
    "count": (_E, "文件写明 {expected} 个集群，这里列了 {count} 个", "核对名单或 expected_count。"),
    "event_edition": (_E, "变动中的集群“{id}”不在{edition}", "变动前的集群应属上一版，变动后的集群应属本版。"),
    "event_shape": (_E, "变动“{type}”的前后数目不对：前 {before} 个，后 {after} 个", "应为{expected}。"),
    "event_without_previous": (_E, "写了变动，却没有写上一版 previous_id", "补上 previous_id。"),
    "event_missing": (_W, "上一版的集群“{id}”没有写明去向", "为它加一条变动（保留、更名、并入、取消等）。"),
    "fork": (_E, "“{one}”和“{two}”都把“{previous}”写作上一版", "同一目录的各版应前后相接。"),
    "two_preferred": (_E, "同一指标、区划、时期有两个首选值（另一个在 {first}）", "只留一个 is_preferred 为 1。"),
    "duplicate_figure": (
        _E,
        "同一来源的同一个数写了两次（另一个在 {first}）",
        "删去一条；初步数与最终数用 value_kind 区分。",
    ),
    "same_name": (_W, "名称“{name}”也用于{kind}“{other}”，文件里出现时分不清指哪个", "改掉其中一处名称或别名。"),
    "industry_level": (_E, "行业代码的上级应比它高一级", "门类没有上级；其余各级的 parent_code 应为上一级的代码。"),
    "no_document": (_E, "目录里列了“{file}”，文件却不在", "把文件放进 documents/，或从目录中删去。"),
    "unlisted_document": (_W, "文件没有列入 documents/index.yaml，不会被读取", "列入目录，或删去文件。"),
    "low_confidence": (_W, "把握程度为低：{what}", "核对来源；未核对前，界面上会加提示。"),
    "node": (_E, "规则的一个节点应恰有 all、any、cond、score 之一", "检查这一节点。"),
    "no_clause": (_E, "规则用到的{kind}“{id}”没有写", "在本版的 conditions 或 score_tables 中补上。"),
    "unused_clause": (_W, "条件“{id}”没有被规则用到", "放进 rule，或删去。"),
    "clause_value": (_E, "条件“{id}”的值与“{op}”不配", "{expected}"),
    "attribute_group": (_E, "名册没有数据项分组“{id}”", "改为 groups 里已有的编号，或先在 groups 里写上。"),
    "attribute": (_E, "数据项“{id}”写法不合：{why}", "核对它的 kind。"),
    "no_column": (_E, "企业名册没有类型为 {kind} 的列“{column}”", "改为 registers/ 里写过的列，或先把它写进去。"),
    "formula_sort": (_E, "“{name}”的 formula 得出的是{got}，与它的 kind 不符", "改 formula 或 kind。"),
    "years": (_E, "名册里“{column}”没有留到前 {years} 年", "在 registers/ 里把该列的 years 加大，或改 over。"),
    "counted_twice": (
        _E,
        "指标“{id}”已在 {first} 用来记另一个数",
        "每个层级的每种计数各用一个指标，存量、年认定、累计不能混在一条线上。",
    ),
    "counted_kind": (_E, "{name} 应为 {wanted} 类指标，“{id}”是 {kind}", "换一个指标，或核对它的 time_kind。"),
    "payment": (_E, "补贴“{id}”要么写定额 amount，要么写比例 rate_pct 和基数列 of", "两种写法留一种，写全。"),
    "whole_yuan": (_E, "{value} 不是整数元", "金额写到元。"),
    "budget_twice": (_E, "{year} 年的预算写了两次", "留下一个。"),
    "subsidy_source": (
        _E,
        "“{name}”应写明来源 source；演示用的写 is_invented: true，不写来源",
        "补上来源，或标明是演示。",
    ),
    "since": (_E, "over 的 how 为 {how}，不能写 since", "只有合计（total）可以按实际年限计算；去掉 since 或改 how。"),
    # forms
    "form_head": (
        _E,
        "报表“{name}”缺少批准或备案机关、文号",
        "补上 approved_by、approval_number；演示用的写 is_invented: true。",
    ),
    "form_lapsed": (_W, "报表“{name}”的有效期到 {day} 为止，已不能布置", "换用新批准的报表，或核对 valid_until。"),
    "form_times": (
        _E,
        "开放（{opens}）、截止（{due}）、锁定（{locks}）的先后不对",
        "都从报告期末日起数，应依次不早于前一个。",
    ),
    "form_without": (_E, "一年里没有第 {number} 个报告期", "核对 schedule 的 without。"),
    "form_respondents": (
        _E,
        "填报对象与 kind “{kind}”不配",
        "firms 写 register_id，areas 写 area_levels，bodies 写 body_ids，只写其中一种。",
    ),
    "form_intake": (
        _E,
        "intake 与 delivered_by 不配",
        "由其他平台转来的写 intake: delivered 和平台名称；本系统填报的都不写。",
    ),
    "form_level": (_E, "级次“{name}”在区划表里没有对应的区划", "核对 area_levels，或在 areas.csv 里补上。"),
    "form_field": (_E, "报表项“{id}”写法不合：{why}", "核对这一项。"),
    "form_word": (_E, "报表项不能叫“{id}”，审核关系里它另有所指", "换一个编号。"),
    "form_column": (_E, "报表没有“{kind}”这一栏", "改为 columns 里已有的栏，或先补上。"),
    "form_roll_up": (_E, "汇总方式 {kind} 的写法不合", "应写：{needs}。"),
    "form_part": (_E, "汇总用到的“{id}”不是本表中求和汇总的另一项", "改为本表里 roll_up 为 sum 的指标。"),
    "form_items": (_E, "报表项“{id}”没有分组", "items_of 写一个有 breakdown 的指标。"),
    "form_name": (_E, "审核关系里的“{name}”在报表中没有{near}", "用指标编号，另一栏写“编号__栏”，上期写“last__编号”。"),
    "asked_twice": (_W, "“{name}”在另一张报表里已向同类对象要过（{first}）", "只在一张报表里要，另一张引用。"),
    "asked_under_two_names": (
        _W,
        "“{name}”与另一张报表的“{other}”是一回事，换了个名字又要了一次（{first}）",
        "只在一张报表里要，统一名称。",
    ),
    "outside": (_E, "{kind}“{id}”不在这个布局问题里", "改为{kinds}里有的，或把它加进去。"),
    "no_group": (_E, "集群目录“{catalogue}”没有“{group}”这一类", "改为目录里写过的类别（{known}）。"),
    "bounds": (_E, "“{id}”的下限 {least} 高于上限 {most}", "核对 least 和 most。"),
    "no_bounds": (_E, "“{id}”既没有下限也没有上限", "写上 least、most 中至少一个。"),
    "zone": (
        _E,
        "“{id}”{why}",
        "带、轴、环先列入 zones（写明 member_ids），规定里用 zone_id 指向它；别的规定不写 zone_id。",
    ),
    "pair_twice": (_E, "“{id}”已在 {first} 写过", "同一集群同一区只留一条。"),
    "ungrounded": (_E, "“{name}”应写明来源 source；没有来源、由人设定的写 {mark}: true", "补上来源，或标明是设定的。"),
    "criterion": (_E, "得分项“{id}”写法不合：{why}", "核对它的 kind。"),
    "no_score": (_E, "得分项“{id}”有 {count} 对集群和区没有分数", "补上，或写 unknown_as：未知的按几分计。"),
    "score": (_E, "得分项“{id}”里 {value} 不在 0 至 100 之间，或多于两位小数", "分数统一为 0 至 100，最多两位小数。"),
    "fair_of": (_E, "fairness 的 of“{id}”不是得分项", "写 count（集群数）或 criteria 里的编号。"),
    "part": (_E, "评分项的 part“{id}”不在本表的 parts 中", "改为已有的编号。"),
}


def fault(code: str, place: Place, **words: object) -> Finding:
    """The finding that `code` names, with its words filled in; its own code is `packs.<code>`."""
    severity, message, remedy = FAULTS[code]
    return Finding(f"packs.{code}", severity, message.format(**words), place, remedy.format(**words))
