"""Wrong words on the command line, said in Chinese: their parser knows English only and takes no translation."""

from __future__ import annotations

import re
from typing import Any

_NEAR = r"(?:\.? Did you mean (?P<near>.+)\?| \(Possible options: (?P<of>.+)\))?\.?"
_SAYINGS = {
    r"Missing option (.+?)\.(?: .*)?": "缺少选项 {}",
    r"Missing argument (.+?)\.(?: .*)?": "缺少参数 {}",
    r"Missing command\.": "没有写要做什么",
    rf"No such command (\S+?){_NEAR}": "没有命令 {}",
    rf"No such option: (\S+?){_NEAR}": "没有选项 {}",
    r"Got unexpected extra arguments?(?:\(s\))? \((.+)\)": "多出了 {}；含空格的名称请加引号",
    r"Option (.+) requires an argument\.": "选项 {} 后面要写一个值",
    r"Option (.+) does not take a value\.": "选项 {} 后面不写值",
    r"Invalid value for (.+?): .*less than or equal to (\S+)": "{} 最大是 {}",
    r"Invalid value for (.+?): .*greater than or equal to (\S+)": "{} 最小是 {}",
    r"Invalid value for (.+?): .*valid integer.*": "{} 应是整数",
    r"Invalid value for (.+?): .*valid number.*": "{} 应是数字",
}


def said(error: Any) -> str:
    """A fault that the parser found, as lines for a person: what is wrong, then how the command is written."""
    message, context = error.format_message(), getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":  # no fault: the help itself
        return str(message)
    lines = [f"错误：{_translated(' '.join(message.split()))}"]
    if context is not None:
        written = " ".join(context.get_usage().removeprefix("Usage: ").split())
        lines.append(f"用法：{written}　详见 {context.command_path} --help")
    return "\n".join(lines)


def _translated(message: str) -> str:
    for english, chinese in _SAYINGS.items():
        if (found := re.fullmatch(english, message)) is None:
            continue
        named = found.groupdict()
        near = named.get("near") or named.get("of") or ""
        return (chinese.format(*found.groups()) + (f"；是不是 {near}？" if near else "")).replace("'", "")
    return message
