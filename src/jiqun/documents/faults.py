"""Every fault this room tells a person, by code: what is wrong, and what to do about it."""

from __future__ import annotations

from jiqun.model.errors import InputRefused
from jiqun.model.findings import Finding, Place, Severity

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE
_RESAVE = "请用 WPS 或 Word 打开后另存为 docx 再试。"
_CATALOGUE: dict[str, tuple[Severity, str, str]] = {
    "unreadable": (_E, "文件打不开（{reason}）。", "请检查路径和读取权限。"),
    "too_large": (_E, "文件有 {size} MB，超过 {limit} MB 的上限，未读取。", "请拆分文件或去掉其中的图片后再试。"),
    "empty": (_E, "文件中没有文字。", "请确认上传的是正文文件。"),
    "encoding_unknown": (
        _E,
        "文件不是可辨认的文字（不是 UTF-8、UTF-16、GB18030 编码的文本，也不是 docx、pdf、html）。",
        "请用 WPS 或 Word 打开后另存为 docx，或另存为 UTF-8 文本再试。",
    ),
    "bytes_replaced": (
        _W,
        "文件中有 {count} 处字节无法按 {encoding} 解读，已以“�”代替。",
        "请对照原件核对这些位置，或重新导出文件。",
    ),
    "encrypted": (_E, "文件设有打开密码，无法读取。", "请去掉密码后另存再试。"),
    "old_format": (_E, "这是旧版 Office 格式的文件，但其中没有文字文档。", _RESAVE),
    "converter_missing": (
        _E,
        "读取 {kind} 文件要用 LibreOffice 转换，本机没有安装。",
        "请安装 LibreOffice（Debian、Ubuntu、统信、麒麟：apt-get install libreoffice-writer）后再试，"
        "或用 WPS、Word 打开后另存为 docx。",
    ),
    "conversion_slow": (_E, "LibreOffice 转换这份文件超过 {seconds} 秒，已停止。", _RESAVE),
    "conversion_failed": (_E, "LibreOffice 读不了这份文件，可能已损坏或格式特殊。", _RESAVE),
    "converted": (_N, "这份 {kind} 文件由 LibreOffice 转换后读取，编号和表格请对照原件。", ""),
    "other_format": (
        _E,
        "这是{kind}，不是文档（txt、md、html、docx、pdf、ofd、doc、wps、rtf）。",
        "{advice}",
    ),
    "damaged": (_E, "{kind} 文件已损坏或不完整，无法读取。", "请重新下载，或打开后另存一份再试。"),
    "zip_bomb": (_E, "压缩内容异常：展开后有 {size} MB，是文件本身的 {ratio} 倍，未展开。", "请打开后另存一份再试。"),
    "xml_entities": (_E, "文件内含实体声明，正常的 {kind} 没有这种内容，未读取。", "请打开后另存一份再试。"),
    "scanned": (
        _E,
        "这份 {kind} 只有图像，没有文字层（共 {pages} 页）。",
        "请先作文字识别，或索取可复制文字的版本。",
    ),
    "pages_without_text": (
        _W,
        "第 {pages} 页只有图像，没有文字，未读入。",
        "如这些页有指标或任务，请作文字识别后重新导入。",
    ),
    "name_mismatch": (_W, "文件名以 .{suffix} 结尾，内容却是 {kind}，已按内容读取。", "请改正文件名。"),
    "body_doubled": (_N, "正文重复印刷：自此行起约 {count} 字与另一处相同，阅读文本只保留一份。", ""),
    "body_cut": (_W, "正文在句子中间结束（“…{tail}”），可能不完整。", "请对照原件，必要时换用完整文本。"),
    "no_longer_in_force": (
        _W,
        "网页标注这份文件的有效性为“{said}”。",
        "其中的目标可能已不再执行，请确认是否需要，或换用现行文件。",
    ),
    "annex_missing": (_W, "文中提到的附件“{title}”不在此文件中。", "如需其中的指标或任务，请补充附件后重新导入。"),
}


def fault(code: str, name: str, line: int = 0, **values: object) -> Finding:
    """The finding of that code, its words filled with `values`."""
    severity, message, remedy = _CATALOGUE[code]
    return Finding(code, severity, message.format(**values), Place(name, line), remedy.format(**values))


def refusal(code: str, name: str, **values: object) -> InputRefused:
    """The error that refuses a file for that one reason."""
    return InputRefused([fault(code, name, 0, **values)])
