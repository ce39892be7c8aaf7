"""The language model that a workspace's owner may have named, and one question put to it; nothing else calls outside.

    model:                          in workspace.yaml; absent by default
      endpoint: http://127.0.0.1:8000/v1      any OpenAI-compatible address, without /chat/completions
      name: the-model
      key_file: /etc/jiqun/model.key          mode 0600, outside the workspace; or JIQUN_MODEL_KEY in the environment

The answer comes from a stranger: no redirect is followed, no proxy asked, its size and time are bounded, and its words
reach no message. The key is sent to that address alone and written nowhere.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import socket
import ssl
import stat
import threading
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from jiqun import workspace
from jiqun.model import files
from jiqun.model.errors import EnvironmentFailed
from jiqun.workspace import Workspace

KEY_VARIABLE = "JIQUN_MODEL_KEY"
LONGEST_RESPONSE = 1_000_000  # bytes
SECONDS = 60.0  # for one answer, from the first byte sent to the last received
_KEY = re.compile(r"[\x21-\x7e]{1,4096}")
_LONGEST_NAME = 128  # what the ledger's column holds
_NAME = re.compile(r"[^\x00-\x20\x7f-\x9f\ud800-\udfff]+")


@dataclass(frozen=True)
class Endpoint:
    """Where the model answers; `is_here` where the text does not leave the machine."""

    url: str
    name: str
    key_file: Path | None = None

    @property
    def parts(self) -> SplitResult:
        return urlsplit(self.url)

    @property
    def host(self) -> str:
        return self.parts.hostname or ""

    @property
    def is_here(self) -> bool:
        """Whether the address is a loopback one, or localhost by name."""
        with suppress(ValueError):
            return ipaddress.ip_address(self.host).is_loopback
        return self.host == "localhost"


class UnusableError(Exception):
    """One answer cannot be used, another may be; `code` and text are our own words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def configured(ws: Workspace) -> Endpoint | None:
    """The model that `workspace.yaml` names; None where it names none.

    Raises EnvironmentFailed for a setting that cannot be meant: no address, a password in it, a key in the workspace.
    """
    given = workspace.describe(ws.path).get("model")
    if given is None:
        return None
    where = ws.path / "workspace.yaml"
    if not isinstance(given, dict) or set(given) - {"endpoint", "name", "key_file"}:
        raise EnvironmentFailed(f"{where} 的 model 应只写 endpoint、name、key_file")
    name, key_file = given.get("name"), given.get("key_file")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise EnvironmentFailed(f"{where} 的 model.name 应是模型的名称，不含空格")
    url = _address(given.get("endpoint"), where)
    if key_file is None:
        return Endpoint(url, name)
    if not isinstance(key_file, str) or not Path(key_file).is_absolute():
        raise EnvironmentFailed(f"{where} 的 model.key_file 应是完整路径")
    if Path(key_file).resolve().is_relative_to(ws.path.resolve()):
        raise EnvironmentFailed(f"{where} 的 model.key_file 不能在工作区内：备份会把它带走")
    return Endpoint(url, name, Path(key_file))


def _address(given: object, where: Path) -> str:
    wrong = EnvironmentFailed(f"{where} 的 model.endpoint 应形如 http://127.0.0.1:8000/v1，不含口令、问号和井号")
    try:
        parts = urlsplit(given if isinstance(given, str) else "")
        _ = parts.port
    except ValueError:
        raise wrong from None
    is_plain = not (parts.username or parts.password or parts.query or parts.fragment)
    if parts.scheme not in ("http", "https") or not parts.hostname or not is_plain or not _NAME.fullmatch(str(given)):
        raise wrong
    return str(given).rstrip("/")


def key_of(endpoint: Endpoint) -> str | None:
    """The key to send: from the environment, else from the file; None where neither is set.

    Raises EnvironmentFailed for a file that others may read, and for a key that would cross a network unencrypted.
    """
    key = os.environ.get(KEY_VARIABLE)
    said = f"环境变量 {KEY_VARIABLE}"
    if not key and endpoint.key_file is not None:
        key, said = _read_key(endpoint.key_file), str(endpoint.key_file)
    if not key:
        return None
    if not _KEY.fullmatch(key.strip()):
        raise EnvironmentFailed(f"{said} 里不是一个口令")
    if endpoint.parts.scheme == "http" and not endpoint.is_here:
        raise EnvironmentFailed("口令不能经 http 明文发往别的机器：请改用 https 地址，或不设口令")
    return key.strip()


def _read_key(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            status = os.fstat(opened.fileno())
            if os.name != "nt" and stat.S_IMODE(status.st_mode) & 0o077:
                raise EnvironmentFailed(f"{file} 别人也能读：请先 chmod 600")
            if not stat.S_ISREG(status.st_mode):
                raise EnvironmentFailed(f"{file} 不是普通文件")
            return opened.read(5000).decode("utf-8", "replace")
    except OSError as error:
        raise EnvironmentFailed(f"读不了口令文件 {file}：{files.why(error)}") from None


def ask(endpoint: Endpoint, key: str | None, system: str, text: str, *, seconds: float = SECONDS) -> str:
    """What the model answered to `text` under the instruction `system`.

    Raises UnusableError for an answer that is none, EnvironmentFailed where asking again would be no use: nobody
    there, a refusal, a redirect, an answer that does not end.
    """
    question = {
        "model": endpoint.name, "temperature": 0, "stream": False,
        "messages": [{"role": "system", "content": system}, {"role": "user", "content": text}],
    }  # fmt: skip
    headers = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "identity"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    body = json.dumps(question, ensure_ascii=False).encode("utf-8", "replace")
    return _content(_exchange(endpoint, body, headers, seconds))


def _exchange(endpoint: Endpoint, body: bytes, headers: dict[str, str], seconds: float) -> bytes:
    """The body of a 200 answer, received whole within the time."""
    parts = endpoint.parts
    port = parts.port or (443 if parts.scheme == "https" else 80)
    late = threading.Event()
    said = f"模型地址 {endpoint.host}"
    try:
        with closing(socket.create_connection((endpoint.host, port), timeout=seconds)) as plain:
            line = plain
            if parts.scheme == "https":
                context = ssl.create_default_context()
                line = context.wrap_socket(plain, server_hostname=endpoint.host, do_handshake_on_connect=False)
            timer = threading.Timer(seconds, _hang_up, (line, late))
            timer.daemon = True
            timer.start()
            try:
                status, received = _spoken(line, parts, body, headers)
            finally:
                timer.cancel()
                line.close()
    except (OSError, HTTPException, ValueError, UnusableError) as error:
        if late.is_set() or isinstance(error, TimeoutError):
            raise EnvironmentFailed(f"{said} 在 {seconds:g} 秒内没有答完") from None
        if isinstance(error, UnusableError):
            raise
        raise EnvironmentFailed(f"{said} 问不通：{_why(error)}") from None
    if late.is_set():
        raise EnvironmentFailed(f"{said} 在 {seconds:g} 秒内没有答完")
    if 300 <= status < 400:
        raise EnvironmentFailed(f"{said} 要转到别处（{status}），没有跟去：请写最终的地址")
    if status != 200:
        raise EnvironmentFailed(f"{said} 拒绝了请求（{status}）")
    return received


def _spoken(line: socket.socket, parts: SplitResult, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    """Status and body, the body read to the limit and a byte more."""
    if isinstance(line, ssl.SSLSocket):
        line.do_handshake()
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port)
    connection.sock = line
    connection.request("POST", f"{parts.path}/chat/completions", body, headers)
    with connection.getresponse() as response:
        return response.status, _body(response) if response.status == 200 else b""


def _body(response: HTTPResponse) -> bytes:
    if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise UnusableError("encoded", "模型的回答是压缩过的，未予采用")
    received = response.read(LONGEST_RESPONSE + 1)
    if len(received) > LONGEST_RESPONSE:
        raise UnusableError("response_too_long", f"模型的回答超过 {LONGEST_RESPONSE // 1_000_000} MB，未予采用")
    if response.length:  # promised more than came
        raise UnusableError("cut_off", "模型的回答中途断开，未予采用")
    return received


def _hang_up(line: socket.socket, late: threading.Event) -> None:
    """Whoever waits on the line hears its end; an SSL socket's own shutdown would pull it away under the reader."""
    late.set()
    with suppress(OSError):
        socket.socket.shutdown(line, socket.SHUT_RDWR)


def _content(received: bytes) -> str:
    try:
        answer = json.loads(received.decode("utf-8"))
    except UnicodeDecodeError:
        raise UnusableError("not_utf8", "模型的回答不是 UTF-8 文字，未予采用") from None
    except (ValueError, RecursionError):
        raise UnusableError("not_openai", "模型的回答不是 OpenAI 格式的 JSON，未予采用") from None
    message = _message(answer)
    if message.get("tool_calls") or message.get("function_call"):
        raise UnusableError("tool_call", "模型要求调用工具，没有照办，未予采用")
    content = message.get("content")
    if isinstance(content, list):
        texts = (part.get("text") for part in content if isinstance(part, dict) and part.get("type") == "text")
        content = "".join(text for text in texts if isinstance(text, str))
    if not isinstance(content, str):
        raise UnusableError("not_openai", "模型的回答里没有文字，未予采用")
    return content


def _message(answer: Any) -> dict[str, Any]:
    choices = answer.get("choices") if isinstance(answer, dict) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get("message") if isinstance(first, dict) else None
    if not isinstance(message, dict):
        raise UnusableError("not_openai", "模型的回答不是 OpenAI 格式的 JSON，未予采用")
    return message


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "证书核对不通过"
    if isinstance(error, ssl.SSLError):
        return "加密连接不成"
    if isinstance(error, socket.gaierror):
        return "找不到这个主机名"
    if isinstance(error, ConnectionRefusedError):
        return "连不上"
    if isinstance(error, OSError):
        return "连接断开"
    return "回答不合 HTTP 规范"
